import { expect, test } from "vitest";
import { readTable } from "./chart-table";

test("a cell without a number is a gap, not zero", () => {
  document.body.innerHTML = `<table><thead><tr><th>Hour</th><th>Cars</th></tr></thead>
    <tbody><tr><th>08</th><td data-value="0">0</td></tr><tr><th>09</th><td>unknown</td></tr></tbody></table>`;
  expect(readTable(document.querySelector("table")!)).toEqual({
    labels: ["08", "09"],
    series: [{ name: "Cars", values: [0, null] }],
  });
});
