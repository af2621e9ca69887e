// Asks ajv about messages: reads JSON Lines {"draft": "4|6|7|2019|2020", "schema": …, "message": …} from the file that is named first and writes
// for each, in order, `true`, `false`, or `"why it could not tell"`. SLUICE_SCHEMA_SUITES names the folder that holds ajv.
// Formats are annotations; beside a `$ref` nothing counts up to draft-07.
'use strict';
const fs = require('fs');
const path = require('path');

const from = (name) => require(path.join(process.env.SLUICE_SCHEMA_SUITES, 'node_modules', name));
const makers = {
  4: () => from('ajv-draft-04'),
  6: () => from('ajv'),
  7: () => from('ajv'),
  2019: () => from('ajv/dist/2019'),
  2020: () => from('ajv/dist/2020'),
};

const validators = new Map();
function validator(draft, schema) {
  const key = draft + JSON.stringify(schema);
  if (!validators.has(key)) {
    const Ajv = makers[draft]();
    const ajv = new (Ajv.default || Ajv)({
      strict: false, validateSchema: false, validateFormats: false, logger: false, addUsedSchema: false, inlineRefs: false,
      ignoreKeywordsWithRef: draft.length === 1,
    });
    if (schema !== null && typeof schema === 'object') {
      delete schema.$schema;
      if (draft !== '4') delete schema.id;  // means nothing from draft-06 on
    }
    validators.set(key, ajv.compile(schema));
  }
  return validators.get(key);
}

const answers = [];
for (const line of fs.readFileSync(process.argv[2], 'utf8').split('\n')) {
  if (line === '') continue;
  const { draft, schema, message } = JSON.parse(line);
  let answer;
  try {
    answer = validator(draft, schema)(message);
  } catch (error) {
    answer = String(error.message);
  }
  answers.push(JSON.stringify(answer));
}
process.stdout.write(answers.join('\n') + '\n');
