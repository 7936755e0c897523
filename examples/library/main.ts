/** A ring of four namespaces from a program: planned without any privilege; as root made, looked at, and taken away. */
import { type Configuration, down, generate, LinkloomError, load, planOffline, status, up } from 'linkloom';

const [lab = 'library'] = process.argv.slice(2);
const ring = generate('ring', { nodes: 4, lab });
const { links } = await load(ring);
const { plan } = await planOffline(ring);
console.log(`${links.length} links, ${plan.ops.length} operations`);

// A configuration of one's own, beside what files say.
const wrong: Configuration = { lab, links: [{ netns: 'a', bridge: 'lan', ip: '10.0.0.300/24' }] };
try {
  await load({ config: wrong });
} catch (error) {
  if (!(error instanceof LinkloomError) || error.code !== 'E_CONFIG') throw error;
  for (const { message } of error.diagnostics) console.log(`told: ${message}`);
}

if (process.getuid?.() === 0) {
  const made = await up(ring, { emit: (event) => event.type === 'failure' && console.log(event.failure.message) });
  const seen = await status(ring);
  const good = seen.links.filter(({ drift }) => drift.length === 0);
  const gone = await down(lab);
  console.log(`${made.links.created} made, ${good.length} as wanted, ${gone.links.removed} removed`);
}
