/**
 * Joins the chunks that esbuild makes of the program into one script: a table of functions, of which each runs when its chunk is first
 * imported. So V8 reads and keeps no more of the program than what a verb uses, and within a chunk, whose modules are always used
 * together, a function is called without any detour.
 */

/** The name of the script's function that gives what a chunk exports. Long enough to be no name of the program's. */
const LOAD = '__loadChunk';

/** The name of the one that gives what `import()` of a module of CommonJS gives. */
const WHOLE = '__wholeModule';

/**
 * The script, as a function with the parameters that Node.js gives a module of CommonJS. `files`: chunks as ES modules by name; they may
 * not import one another in a circle, and what they export may not be set anew later. Throws for what it can't translate.
 *
 * @param {ReadonlyMap<string, string>} files
 * @param {string} entry the name of the chunk that runs first
 * @param {string} banner
 */
export function chunkTable(files, entry, banner) {
  refuseCircles(files);
  const chunks = [...files].map(
    ([name, text]) => `${JSON.stringify(name)}: function () {\n${translated(name, text)}\n},`,
  );
  return `(function (exports, require, module, __filename, __dirname) {${banner}
const __exported = new Map();
function ${LOAD}(name) {
  let found = __exported.get(name);
  if (found === undefined) {
    found = __chunks[name]();
    __exported.set(name, found);
  }
  return found;
}
function ${WHOLE}(module) {
  return { ...module, default: module };
}
const __chunks = {
${chunks.join('\n')}
};
${LOAD}(${JSON.stringify(entry)});
})`;
}

/** Throws if a chunk imports itself, over however many others. */
function refuseCircles(files) {
  const known = new Set();
  const follow = (name, above) => {
    if (above.includes(name)) throw new Error(`chunks import one another: ${[...above, name].join(' → ')}`);
    if (known.has(name)) return;
    for (const [, next] of files.get(name).matchAll(/^(?:import|\}) .*?"\.\/([^"]+)";$/gm))
      follow(next, [...above, name]);
    known.add(name);
  };
  for (const name of files.keys()) follow(name, []);
}

/** The imports and exports of a chunk as esbuild writes them, each at the beginning of a line. */
const FORMS = [
  // Nothing is imported for its effects alone, so what a chunk does not name it need not wait for.
  [/^import "\.\/[^"]+";\n/gm, () => ''],
  [/^import "([^"]+)";$/gm, (_, from) => `${given(from)};`],
  [/^import (?:\* as )?(\w+) from "([^"]+)";$/gm, (_, name, from) => `const ${name} = ${given(from)};`],
  [/^import \{([^}]*)\} from "([^"]+)";$/gm, (_, names, from) => `const { ${pairs(names, ': ')} } = ${given(from)};`],
  [/^export \{([^}]*)\};$/gm, (_, names) => `return { ${pairs(names, ': ', true)} };`],
  [/^export default (.*);$/gm, (_, value) => `return { default: ${value} };`],
  [/\bimport\("\.\/([^"]+)"\)/g, (_, name) => `Promise.resolve(${JSON.stringify(name)}).then(${LOAD})`],
  [/\bimport\("([^"]+)"\)/g, (_, from) => `Promise.resolve(${JSON.stringify(from)}).then(require).then(${WHOLE})`],
];

function translated(name, text) {
  const script = FORMS.reduce((rest, [form, write]) => rest.replace(form, write), text);
  const [left] = /^(?:import|export)\b.*$|^.*\bimport\((?!\)).*$/m.exec(script) ?? [];
  if (left !== undefined) throw new Error(`${name} can't be put into the table: ${left}`);
  return script.includes('\nreturn {') ? script : `${script}\nreturn {};`;
}

/** Another chunk, or a module of Node.js or package that stays outside. */
function given(from) {
  return from.startsWith('./') ? `${LOAD}(${JSON.stringify(from.slice(2))})` : `require(${JSON.stringify(from)})`;
}

/** `a as b` of an import is `a: b` of an object that is taken apart, and of an export `b: a` of one that is made. */
function pairs(names, between, isExport = false) {
  const all = names.split(',').map((each) => each.trim().split(/\s+as\s+/));
  return all
    .filter(([name]) => name !== '')
    .map(([name, other = name]) => (isExport ? [other, name] : [name, other]))
    .map(([key, value]) => (key === value ? key : `${key}${between}${value}`))
    .join(', ');
}
