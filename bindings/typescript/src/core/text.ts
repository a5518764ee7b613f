/** A sentence in the two languages of the people who read it. */
export interface Text {
  readonly en: string;
  readonly ja: string;
}

/** The sentence with its `{placeholders}` filled in, in both languages; a `Text` in its own of each. */
export function fill(text: Text, values: Readonly<Record<string, string | number | Text>>): Text {
  const of = (lang: "en" | "ja"): string =>
    text[lang].replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return value === undefined ? whole : typeof value === "object" ? value[lang] : String(value);
    });
  return { en: of("en"), ja: of("ja") };
}
