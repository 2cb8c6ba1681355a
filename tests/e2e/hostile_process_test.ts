import { testHostileTasks } from "./hostile_kind.ts";

testHostileTasks("process");
