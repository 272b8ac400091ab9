package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// shells are those whose completion is written.
var shells = []string{"bash", "zsh", "fish"}

// completionNotes say where each shell looks for its script.
var completionNotes = []string{
	"bash (with the package bash-completion): qgen-sidecar completion bash > ~/.local/share/bash-completion/completions/qgen-sidecar",
	"zsh: qgen-sidecar completion zsh > FOLDER/_qgen-sidecar, where FOLDER is one of $fpath and compinit is run after it.",
	"fish: qgen-sidecar completion fish > ~/.config/fish/completions/qgen-sidecar.fish",
}

// printCompletion writes a shell's script. It asks this program (in a hidden way, which is
// cobra's) what may follow, so it never lags behind the table of commands.
func printCompletion(c *console, _ *pflag.FlagSet) action {
	return func(_ context.Context, args []string) error {
		root := c.root
		switch args[0] {
		case "bash":
			return root.GenBashCompletionV2(c.stdout, true)
		case "zsh":
			return root.GenZshCompletion(c.stdout)
		}
		return root.GenFishCompletion(c.stdout, true)
	}
}

func noFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// completeFlag says what may be a flag's value: names, a file, or nothing known.
func completeFlag(cmd *cobra.Command, f *pflag.Flag) {
	v, ok := f.Value.(*value)
	if !ok || v.oneOf == nil && (v.files || strings.Contains(v.word, "FILE")) {
		return // files, which is what shells complete
	}
	complete := noFiles
	if v.oneOf != nil {
		complete = func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return completions(v, typed), cobra.ShellCompDirectiveNoFileComp
		}
	}
	_ = cmd.RegisterFlagCompletionFunc(f.Name, complete) // fails for a flag that is not there
}

// completions are the names that what was typed may become; of names with commas
// between them, the last.
func completions(v *value, typed string) []string {
	before := ""
	if at := strings.LastIndex(typed, ","); v.repeated && at >= 0 {
		before = typed[:at+1]
	}
	var out []string
	for _, name := range v.oneOf {
		if !slices.Contains(strings.Split(before, ","), name) && strings.HasPrefix(before+name, typed) {
			out = append(out, before+name)
		}
	}
	return out
}
