import { scenariosOn } from './scenarios-on.ts';

await scenariosOn('6.1');
