import { scenariosOn } from './scenarios-on.ts';

await scenariosOn('6.12-debug');
