# SPDX-License-Identifier: MIT
# "See it" of each wrong program of http-basics shows what the check complained about.
load helpers
load see_it

@test "see it shows the fault of wrong programs a-h" { shows $(wrong_programs '[a-h]'); }
@test "see it shows the fault of wrong programs i-n" { shows $(wrong_programs '[i-n]'); }
@test "see it shows the fault of wrong programs o-z" { shows $(wrong_programs '[o-z]'); }
