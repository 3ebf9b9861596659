/** The clock's suite on sqlite. */
import { describeClock } from "./clock/suite.ts";

describeClock("sqlite");
