import { withFigures } from '../../../bench/report/docs';
import { threeDigits, times, withUnit } from '../../../bench/report/numbers';
import { markdownTable, textTable } from '../../../bench/report/table';

describe('figures', () => {
  test.each([
    [0, '0.00'],
    [0.01234, '0.012'],
    [0.5, '0.500'],
    [1.234, '1.23'],
    [12.34, '12.3'],
    [123.4, '123'],
    [12345, '12,345'],
    [-1.5, '-1.50'],
  ])('%d is written %s', (value, written) => {
    expect(threeDigits(value)).toBe(written);
  });

  test.each([
    [85.3, 'µs', '85.3 µs'],
    [1.372, '%', '1.37 %'],
    [61.5, '', '62'],
    [1234, '', '1,234'],
  ])('%d in the unit %j is written %s', (value, unit, written) => {
    expect(withUnit(value, unit)).toBe(written);
  });

  test('what is missing is a dash', () => {
    expect([withUnit(undefined, 's'), times(undefined)]).toEqual(['–', '–']);
  });
});

describe('tables', () => {
  const header = ['', 'host'];
  const rows = [
    ['storm', '1 s'],
    ['a|b', '12 s'],
  ];

  test('stand in columns on a terminal', () => {
    expect(textTable(header, rows)).toBe('       host\n─────  ────\nstorm   1 s\na|b    12 s');
  });

  test('are Markdown in documents', () => {
    expect(markdownTable(header, rows)).toBe('|  | host |\n| --- | --: |\n| storm | 1 s |\n| a\\|b | 12 s |');
  });
});

describe('the document', () => {
  const [begin, end] = ['<!-- figures: written by npm run bench -- --docs -->', '<!-- end of figures -->'];

  test('gets new figures between its marks and keeps the rest', () => {
    expect(withFigures(`before\n${begin}\nold\n${end}\nafter`, 'new')).toBe(
      `before\n${begin}\nnew\n${end}\nafter`,
    );
  });

  test.each(['', begin, end, `${end}${begin}`])('without its marks is left alone: %j', (document) => {
    expect(() => withFigures(document, 'new')).toThrow('no place for figures');
  });
});
