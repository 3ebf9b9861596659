/** The clock's suite on redis. */
import { describeClock } from "./clock/suite.ts";

describeClock("redis");
