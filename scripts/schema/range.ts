/** The pattern of whole numbers of a range as digits, leading zeros allowed: editors see a number in quotes as text. */
export function rangePattern(min: number, max: number): string {
  return `(?=[0-9]{1,15}$)(?=${atLeast(String(min))}$)${atMost(String(max))}`;
}

/** More digits than the bound, or as many and from the first one that differs on a greater one. */
function atLeast(bound: string): string {
  const same = [...bound].map((digit, at) => {
    const rest = `[0-9]{${bound.length - at - 1}}`;
    return digit === '9' ? '' : `${bound.slice(0, at)}[${Number(digit) + 1}-9]${rest}`;
  });
  return `0*(?:${[bound, `[1-9][0-9]{${bound.length},}`, ...same.filter((form) => form !== '')].join('|')})`;
}

function atMost(bound: string): string {
  const same = [...bound].map((digit, at) => {
    const rest = `[0-9]{${bound.length - at - 1}}`;
    return digit === '0' ? '' : `${bound.slice(0, at)}[0-${Number(digit) - 1}]${rest}`;
  });
  const fewer = bound.length === 1 ? [] : [`[0-9]{1,${bound.length - 1}}`];
  return `0*(?:${[bound, ...fewer, ...same.filter((form) => form !== '')].join('|')})`;
}
