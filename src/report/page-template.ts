/** The report's markup. Double braces escape; there are no others. */
export const pageTemplate = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{{pipeline}} · {{period}}</title>
<style>
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #5a6570; --line: #d5dbe1; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e8ebee; --soft: #9aa6b2; --line: #37404a; } }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-top: 1px solid var(--line); padding-top: 1rem; }
p, li { max-width: 46rem; } .soft { color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .8rem; }
dt { color: var(--soft); } dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid var(--line); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1.2rem; }
figure { margin: 0; } figcaption { font-weight: 600; } svg { max-width: 100%; height: auto; }
@media print { body { margin: 0; max-width: none; } figure, tr { break-inside: avoid; } }
</style>
</head>
<body>
<main>
<h1>{{pipeline}} · {{period}}</h1>
<p class="soft">{{#if description}}{{description}} · {{/if}}{{#if owner}}{{owner}} · {{/if}}{{moment from}} to {{moment to}}</p>

<h2>What was done</h2>
<dl>
<div><dt>duplicates merged</dt><dd>{{number totals.merged}}</dd></div>
<div><dt>leads updated</dt><dd>{{number totals.updated}}</dd></div>
<div><dt>leads read</dt><dd>{{number totals.leads}}</dd></div>
<div><dt>API calls</dt><dd>{{number totals.calls}}</dd></div>
<div><dt>exported</dt><dd>{{bytes totals.bytes}}</dd></div>
<div><dt>time</dt><dd>{{minutes totals.minutes}}</dd></div>
</dl>

<h2>What was saved</h2>
<ul>
<li>{{counted totals.opt_outs_kept "opt-out"}} of leads that were merged away: those people are not written to again by mistake.</li>
<li>{{counted totals.merged "record"}} fewer to pay for, to write to twice, and to keep in step with the CRM.</li>
</ul>

<h2>What was refused or left alone</h2>
{{#if refused.length}}
<ul>{{#each refused}}<li>{{this}}</li>
{{/each}}</ul>
{{else}}
<p>Nothing.</p>
{{/if}}
{{#if plan}}{{#if plan.reasons.length}}
<div class="scroll"><table><thead><tr><th scope="col">why</th><th scope="col">rows</th></tr></thead><tbody>
{{#each plan.reasons}}<tr><td>{{name}}</td><td>{{number count}}</td></tr>
{{/each}}</tbody></table></div>
{{/if}}

<h2>What was planned</h2>
<p>{{counted plan.merges "merge"}} ({{counted plan.losers "lead goes" "leads go"}}), {{counted plan.updates "update"}}; plan {{#each plan.plans}}{{this}} {{/each}}</p>
<div class="scroll"><table><thead><tr><th scope="col">by rule or field</th><th scope="col">rows</th></tr></thead><tbody>
{{#each plan.rules}}<tr><td>merge: {{name}}</td><td>{{number count}}</td></tr>
{{/each}}{{#each plan.fields}}<tr><td>update: {{name}}</td><td>{{number count}}</td></tr>
{{/each}}{{#each plan.outcomes}}<tr><td>ended: {{words name}}</td><td>{{number count}}</td></tr>
{{/each}}</tbody></table></div>
{{/if}}

{{#if tests.length}}
<h2>Tests that did not pass</h2>
<div class="scroll"><table><thead><tr><th scope="col">test</th><th scope="col">result</th><th scope="col">rows</th></tr></thead><tbody>
{{#each tests}}<tr><td>{{test}}</td><td>{{status}}</td><td>{{number rows}}</td></tr>
{{/each}}</tbody></table></div>
{{/if}}

{{#if charts.length}}
<h2>Over time</h2>
<div class="charts">{{#each charts}}<figure><figcaption>{{title}}</figcaption>{{chart svg}}</figure>
{{/each}}</div>{{/if}}

<h2>Runs</h2>
<div class="scroll"><table><thead><tr><th scope="col">started</th><th scope="col">result</th><th scope="col">took</th><th scope="col">what came of it</th><th scope="col">run</th></tr></thead><tbody>
{{#each runs}}<tr><td>{{moment started_at}}</td><td>{{words status}}</td><td>{{minutes minutes}}</td><td>{{why}}</td><td>{{run_id}}</td></tr>
{{/each}}</tbody></table></div>
{{#if steps.length}}
<div class="scroll"><table><thead><tr><th scope="col">step</th><th scope="col">result</th><th scope="col">took</th></tr></thead><tbody>
{{#each steps}}<tr><td>{{step}}</td><td>{{status}}</td><td>{{duration seconds}}</td></tr>
{{/each}}</tbody></table></div>
{{/if}}
<p class="soft">No values of people are in this report.</p>
</main>
</body>
</html>
`
