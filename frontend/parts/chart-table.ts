/** What a chart's table says: the first column names the rows, every other column is a series. */
export interface ChartData {
  labels: string[];
  series: { name: string; values: (number | null)[] }[];
}

/** Read a table; a cell's number is in data-value, a cell without one is unknown (a gap, never 0). */
export function readTable(table: HTMLTableElement): ChartData {
  const names = texts(table.tHead?.rows[0]).slice(1);
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  return {
    labels: rows.map((row) => texts(row)[0] ?? ""),
    series: names.map((name, column) => ({
      name,
      values: rows.map((row) => number(row.cells[column + 1])),
    })),
  };
}

function texts(row: HTMLTableRowElement | undefined): string[] {
  return [...(row?.cells ?? [])].map((cell) => cell.textContent?.trim() ?? "");
}

function number(cell: HTMLTableCellElement | undefined): number | null {
  const value = cell?.dataset["value"];
  return value === undefined || value === "" ? null : Number(value);
}
