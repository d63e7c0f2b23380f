/** `npm run --silent calibrate:known > sim/report/calibration.json`: what reports say of the model's limits. */

import { known } from './known.ts';

console.log(JSON.stringify(await known(), null, 2));
