/** Words in the page's language, from the catalogue that Python's templates use too. */
type Messages = Record<string, string[]>;

const load: Record<string, () => Promise<{ default: Messages }>> = {
  ko: () => import("virtual:messages/ko"),
  ja: () => import("virtual:messages/ja"),
};

let messages: Messages = {};

/** The page's language, as the server chose it. */
export const language = document.documentElement.lang || "ko";

/** Fetch the page's language; call before the first t(). English needs nothing. */
export async function loadWords(): Promise<void> {
  messages = (await load[language]?.())?.default ?? {};
}

/** The translation of an English message; {name} is replaced by values.name. */
export function t(message: string, values: Record<string, string | number> = {}): string {
  return fill(messages[message]?.[0] ?? message, values);
}

/** The translation that fits count, which replaces {count}. */
export function tn(one: string, many: string, count: number): string {
  const forms = messages[one] ?? [one, many];
  return fill((count === 1 ? forms[0] : forms.at(-1)) ?? many, { count });
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
