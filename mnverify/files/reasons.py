"""Why bytes are no card file, in the words that people read. None of them holds content."""

from __future__ import annotations

from mnverify.text import Text

# objects
TRUNCATED = Text(
    "truncated: it needs {needed} bytes and {there} are there",
    "途中で切れています（{needed}バイト必要ですが、{there}バイトしかありません）",
)
CUT_OBJECT = Text(
    "an unknown object that does not end where it has to", "終わるべき位置で終わらない、未知のデータ要素があります"
)
CUT_HEADER = Text("truncated inside an object's header", "データ要素の先頭部分の途中で切れています")
CUT_TAG = Text("truncated: the file ends inside its first tag", "最初のタグの途中でファイルが切れています")
NO_TAG = Text("00 is not a tag", "タグとして 00 は使えません")
LONG_TAG = Text(
    "a tag that is longer than three bytes or not in its shortest form",
    "タグが3バイトを超えるか、最短の形ではありません",
)
INDEFINITE = Text("an indefinite length", "長さが不定長です")
LONG_LENGTH = Text("a length of more than two bytes", "長さが2バイトを超えて書かれています")
TOO_LONG_OBJECT = Text("the object is longer than 64 KiB", "データ要素が64KiBを超えています")
TOO_LONG_FILE = Text("{length} bytes, more than 64 KiB", "{length}バイトあり、64KiBを超えています")
TOO_MANY_OBJECTS = Text("more than {most} objects", "データ要素が{most}個を超えています")
EMPTY_FILE = Text("the file is empty", "ファイルが空です")
NOT_FILLER = Text(
    "something other than FF filler after the object", "データ要素の後に、埋め草の FF 以外のものがあります"
)
NOT_AN_OBJECT = Text(
    "the file does not begin with an object that is known", "ファイルが既知のデータ要素で始まっていません"
)
OTHER_BEGINNING = Text("the file does not begin with {tag}", "ファイルが {tag} で始まっていません")
UNKNOWN_LAYOUT = Text("there is no reader for its layout", "このファイルの様式には対応していません")

# the objects of a layout
TWICE = Text("the object stands twice", "同じデータ要素が2つあります")
UNKNOWN_OBJECT = Text("an object that does not belong there", "この様式にないデータ要素があります")
MISSING = Text("the object is missing", "データ要素がありません")
OUT_OF_ORDER = Text("the object is out of order", "データ要素の順序が違います")

# values
WRONG_SIZE = Text("it has {right} bytes, not {found}", "{right}バイトのはずが、{found}バイトです")
NO_DATE = Text("it is not a date of eight digits", "8桁の日付ではありません")
NO_SUCH_DAY = Text("there is no such day", "存在しない日付です")
NO_SEX = Text("it is not one of the digits 0, 1, 2, 9", "0、1、2、9 のいずれの数字でもありません")
NO_MUNICIPALITY = Text("it is not a municipality code of five digits", "5桁の市区町村コードではありません")
NO_IMAGE = Text("an image without bytes", "画像の中身がありません")
NO_NUMBER = Text(
    "it is not a 個人番号 of twelve digits with a right check digit", "検査用数字の正しい12桁の個人番号ではありません"
)
NUMBER_FILLER = Text(
    "it has {right} bytes with its filler, not {found}", "埋め草を含めて{right}バイトのはずが、{found}バイトです"
)
TEXT_SIZE = Text(
    "a text of {found} bytes, outside {least} to {most}",
    "文字列が{found}バイトで、{least}～{most}バイトの範囲にありません",
)
NOT_UTF_8 = Text("it is not UTF-8 text", "UTF-8 の文字列ではありません")
CONTROL_CHARACTERS = Text("a text with control characters", "文字列に制御文字が含まれています")

# keys, certificates, signatures
OTHER_KEY = Text("a public key that is not an RSA key of the known structure", "既知の構造の RSA 公開鍵ではありません")
MODULUS_SIZE = Text("an RSA modulus of {found} bytes", "RSA の法が{found}バイトです")
EXPONENT_SIZE = Text("an RSA exponent of {found} bytes", "RSA の公開指数が{found}バイトです")
SIGNATURE_SIZE = Text("a signature of {found} bytes", "署名が{found}バイトです")
DIGEST_SIZE = Text("a digest of {found} bytes", "ハッシュ値が{found}バイトです")
SHORT_CERTIFICATE = Text(
    "{found} bytes are too few for two key ids and a key", "{found}バイトでは、鍵識別子2つと鍵には足りません"
)

# segments
NOT_DROPPABLE = Text("only segments 2 and 3 can be dropped", "省けるのは区分2と区分3だけです")
NOT_NAMED = Text(
    "the object is missing, and its segment is not named as dropped",
    "データ要素がありませんが、その区分は省いたものとして示されていません",
)
NAMED = Text(
    "the object is there, though its segment is named as dropped",
    "省いたと示された区分のデータ要素が残っています",
)
NO_SEGMENTS = Text(
    "only the card face has segments that can be dropped", "省ける区分があるのは券面事項のファイルだけです"
)
