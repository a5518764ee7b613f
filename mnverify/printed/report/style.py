"""How the report looks: on A4 and on a telephone, in black and white too. No font, picture or script comes from elsewhere."""

STYLE = """
@page { size: A4; margin: 14mm }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem; background: #fff; color: #1a1a1a;
  font: 1rem/1.6 "Noto Sans JP", "Hiragino Sans", "Yu Gothic", "Noto Sans CJK JP", Meiryo, sans-serif;
  line-break: strict; overflow-wrap: anywhere }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.4 }
h2 { margin: 1.75rem 0 .5rem; font-size: 1.125rem; border-bottom: 2px solid #1a1a1a }
p, ul { margin: .25rem 0 }
ul { padding-left: 1.25rem }
.sub { color: #595959; font-size: .875rem }
.verdict { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; margin: 1rem 0; padding: .75rem 1rem;
  border: 3px solid; border-radius: .5rem }
.verdict strong { font-size: 1.5rem }
.match { color: #14613c } .mismatch { color: #c00000 } .uncertain { color: #735900 } .not-compared { color: #595959 }
.verdict p { color: #1a1a1a; flex-basis: 100% }
.field { border: 1px solid #949494; border-radius: .5rem; margin: .5rem 0; padding: .5rem .75rem; break-inside: avoid }
.field header { display: flex; justify-content: space-between; gap: 1rem; align-items: baseline }
.field h3 { margin: 0; font-size: 1rem }
.field h3::first-letter { text-transform: uppercase }
.outcome { font-weight: 700; white-space: nowrap }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: .25rem 1rem; margin: .25rem 0 }
.wide { grid-template-columns: 1fr }
.side { border-left: 4px solid #d9d9d9; padding-left: .5rem; min-width: 0 }
.side > span { display: block; color: #595959; font-size: .8125rem }
.value { font-size: 1.0625rem; margin: 0; white-space: pre-wrap }
img { display: block; max-width: 100%; background: #fff }
.dots { image-rendering: pixelated; height: auto; border: 1px solid #d9d9d9; padding: 2px }
.crop { max-height: 5rem; border: 1px solid #d9d9d9 }
.faces { display: flex; flex-wrap: wrap; gap: 1rem; break-inside: avoid }
.faces figure { margin: 0 }
.faces img { height: 14rem; width: auto; filter: grayscale(1); border: 1px solid #949494 }
.front { max-width: 100%; width: 32rem; border: 1px solid #949494 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid #d9d9d9; font-weight: 400 }
th { white-space: nowrap }
.sign { border: 1px solid #949494; border-radius: .5rem; padding: .5rem .75rem; min-height: 3.5rem; break-inside: avoid }
@media (max-width: 40rem) { .dots { image-rendering: auto }
 .sides { grid-template-columns: 1fr } .faces img { height: 11rem } th { white-space: normal } }
@media print { body { padding: 0; font-size: 10.5pt } .match, .mismatch, .uncertain, .not-compared { print-color-adjust: exact } }
"""
