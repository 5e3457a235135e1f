/** How a bookmark is called so that no other one is lost. */

export interface Thing {
  thing_kind: string;
  thing_id: string;
}

type Named = Thing & { name: string };

/** The name, numbered where a mark of another thing has it: two poles may be called the same. */
export function free(name: string, place: Thing, all: Named[]): string {
  const taken = (said: string): boolean => all.some((one) => one.name === said && !same(one, place));
  let said = name;
  for (let number = 2; taken(said); number++) said = `${name} (${number})`;
  return said;
}

function same(one: Thing, other: Thing): boolean {
  return one.thing_id !== "" && one.thing_kind === other.thing_kind && one.thing_id === other.thing_id;
}
