# SPDX-License-Identifier: MIT
# Completion of lab for fish. What there is to complete, lab itself says (runner/cmd/complete.c).

function __lab_complete
    set -l words (commandline -opc)
    set -l program lab
    # What PATH has, and not a file of this folder that happens to be called lab.
    command -q lab; or set program $words[1]
    for line in ($program __complete $words[2..-1] (commandline -ct) 2>/dev/null)
        if test "$line" = :folders
            __fish_complete_directories (commandline -ct)
        else
            echo $line
        end
    end
end

complete -c lab -f -k -a '(__lab_complete)'
