//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// completionCases are lines as they are typed, up to the key Tab, and some of what each
// shell has to offer there, and what it must not.
var completionCases = []struct{ typed, want, not string }{
	{"qgen-sidecar gen", "generate generate-all", "gold"},
	{"qgen-sidecar gold ", "show check review import export merge", "compile"},
	{"qgen-sidecar gold export --fo", "--format", "--json"},
	{"qgen-sidecar gold export --format a", "argilla", "csv"},
	{"qgen-sidecar generate --gates ", "standalone leak round-trip", "judge"},
	{"qgen-sidecar generate --gates leak,st", "leak,standalone", "leak,leak"},
	{"qgen-sidecar evaluate --split t", "test train", "dev"},
	{"qgen-sidecar compile --optimizer.na", "--optimizer.name", "--optimizer.seed"},
	{"qgen-sidecar compile --optimizer.name ref", "reflective reflective+bootstrap", "labeled-few-shot"},
	{"qgen-sidecar completion ", "bash zsh fish", "powershell"},
}

// completers run a line through each shell's own completion, with the shell's own
// completion functions, and print a candidate on each line.
var completers = map[string]func(t *testing.T, dir, typed string) *exec.Cmd{
	"bash": func(t *testing.T, dir, typed string) *exec.Cmd {
		return exec.Command("bash", "--norc", "-c", `if [ -f "$1" ]; then . "$1"; else _init_completion() {
				words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${words[cword]}; prev=${words[cword - 1]}; }; fi
			. "$2" && COMP_LINE="$3" COMP_POINT=${#3}
			read -ra COMP_WORDS <<< "$3"; [[ $3 == *" " ]] && COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_TYPE=9
			compopt() { :; }
			__start_qgen-sidecar; printf '%s\n' "${COMPREPLY[@]}"`, "-", bashCompletion, filepath.Join(dir, "bash"), typed)
	},
	"fish": func(t *testing.T, dir, typed string) *exec.Cmd {
		return exec.Command("fish", "--no-config", "-c", `source $argv[1]; complete -C $argv[2]`, filepath.Join(dir, "fish"), typed)
	},
	"zsh": func(t *testing.T, dir, typed string) *exec.Cmd {
		must(t, os.WriteFile(filepath.Join(dir, ".zshrc"), fmt.Appendf(nil, zshrc, dir), 0o644))
		must(t, os.WriteFile(filepath.Join(dir, "drive.zsh"), []byte(zshDrive), 0o644))
		return exec.Command("zsh", "-f", filepath.Join(dir, "drive.zsh"), dir, typed)
	},
}

// bashCompletion is the package whose functions the script stands on; without it the
// test has the one that is needed.
const bashCompletion = "/usr/share/bash-completion/bash_completion"

// zshrc has every candidate that is offered printed, between two marks.
const zshrc = `PS1=READY
fpath=(%[1]s/functions $fpath)
autoload -Uz compinit && compinit -u -D
compadd() {
	local -a had
	builtin compadd -O had "$@"
	local one
	for one in $had; do print -l -- '' "<<$one>>"; done
	builtin compadd "$@"
}
`

// zshDrive is a person at zsh: zpty gives it a terminal.
const zshDrive = `zmodload zsh/zpty
export ZDOTDIR=$1 TERM=dumb
zpty z "zsh -i"
zpty -r z out '*READY*'
zpty -w -n z "$2"$'\t'
sleep 0.1
zpty -w -n z $'\C-a\C-k'"print DO""NE"$'\n'
zpty -r z out '*DONE*'
for line in ${(f)out}; do [[ $line == *'<<'*'>>'* ]] && { line=${line#*<<}; print -r -- ${line%%>>*} }; done
zpty -d z
`

// The scripts complete commands, flags and closed sets in the real shells.
func TestCompletionInShells(t *testing.T) {
	for _, shell := range shells {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("%s is not at hand", shell)
			}
			dir := t.TempDir()
			must(t, os.Mkdir(filepath.Join(dir, "functions"), 0o755))
			status, script, errs := ask("completion", shell)
			if status != 0 {
				t.Fatal(errs)
			}
			must(t, os.WriteFile(filepath.Join(dir, shell), []byte(script), 0o644))
			must(t, os.WriteFile(filepath.Join(dir, "functions", "_qgen-sidecar"), []byte(script), 0o644))
			for _, c := range completionCases {
				cmd := completers[shell](t, dir, c.typed)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+dir)
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Errorf("%q: %v\n%s", c.typed, err, out)
					continue
				}
				checkOffered(t, c.typed, string(out), c.want, c.not)
			}
		})
	}
}

func checkOffered(t *testing.T, typed, out, want, not string) {
	t.Helper()
	var offered []string
	for line := range strings.Lines(out) {
		name, _, _ := strings.Cut(strings.TrimRight(line, "\r\n "), "\t")
		name, _, _ = strings.Cut(name, "  ")
		offered = append(offered, strings.ReplaceAll(strings.TrimSpace(name), `\,`, ",")) // bash quotes it
	}
	for _, name := range strings.Fields(want) {
		if !slices.Contains(offered, name) {
			t.Errorf("%q: %s is not offered, but %q", typed, name, offered)
		}
	}
	for _, name := range strings.Fields(not) {
		if slices.Contains(offered, name) {
			t.Errorf("%q: %s is offered", typed, name)
		}
	}
}
