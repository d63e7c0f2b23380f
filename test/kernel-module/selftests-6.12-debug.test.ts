import { selftestsOn } from './selftests-on.ts';

selftestsOn('6.12-debug');
