// Command structure prints the files, lines and largest cycle of files of the module's
// packages; with the path of one package (engine/store) the arrows of its cycle too.
package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"qgen-sidecar/internal/structure"
)

func main() {
	packages, err := structure.Measure(".", "./...")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "files\tlines\tcycle\t package")
	for _, p := range packages {
		if len(os.Args) < 2 || p.Path == os.Args[1] {
			fmt.Fprintf(w, "%d\t%d\t%d\t %s\n", p.Files, p.Lines, len(p.Cycle), p.Path)
		}
	}
	w.Flush()
	for _, p := range packages {
		if len(os.Args) == 2 && p.Path == os.Args[1] {
			for _, a := range p.Arrows {
				fmt.Printf("%s -> %s: %s\n", a.From, a.To, strings.Join(a.Names, " "))
			}
		}
	}
}
