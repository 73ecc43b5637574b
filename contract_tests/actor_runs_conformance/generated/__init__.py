"""Generated cases: Schemathesis draws requests from the contract, the suite sends and judges them.

How a case travels:

1. `worker` (a child process, one or two of them) draws the cases of an operation through
   `adapter`, the only module that touches Schemathesis, and prints each as a line of JSON.
   A case names no real run and holds no token: ids are placeholders. So the cases depend on
   nothing but the contract, the seed and the number asked for.
2. `guard` makes a case harmless and addresses it: real ids, short runs, no strangers' hosts.
3. `traffic` sends it, one after another within an operation, and puts it into the log.
4. `judge` decides which promises the exchange says something about, and what it says.

`machine` is the other half: a Hypothesis state machine over start, get, update, reboot, abort.
"""
