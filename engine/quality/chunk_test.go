package quality_test

import (
	"strings"
	"testing"

	"qgen-sidecar/engine/quality"
)

func TestAnswersNothing(t *testing.T) {
	contents := "Contents\n1 Leave .......... 3\n2 Overtime ....... 12\n2.1 Pay ......... 14\n3 Travel costs\t20\nIndex     xiv\n"
	nothing := map[string]string{
		"empty":           "",
		"page number":     "- 12 -",
		"heading":         "4.2 Leave",
		"contents":        contents,
		"spaced leaders":  "Einleitung . . . . . . 1\nUrlaub . . . . . . . 4\nReisen . . . . . . . 9\nAnhang . . . . . . . 20\n",
		"rights":          "© 2024 Example Publishing. All rights reserved. No part may be reproduced without permission.",
		"rights, German":  "Copyright 2021 Verlag Beispiel, Berlin. Alle Rechte vorbehalten.",
		"blank page":      "This page was intentionally left blank by the publisher.",
		"windows endings": strings.ReplaceAll(contents, "\n", "\r\n"),
	}
	for name, chunk := range nothing {
		if quality.AnswersNothing(chunk) == "" {
			t.Errorf("%s: expected a reason, found none", name)
		}
	}
	something := map[string]string{
		"short fact":      "Open 9 to 17, not on Sundays.",
		"prose":           "Employees who change to part time keep the leave earned so far.",
		"bullets":         "A first-aid kit holds:\n- bandages\n- gauze\n- scissors\n- gloves",
		"price list":      "Screws, box of 100 ..... 4.50 EUR\nNails, box of 100 ..... 3.20 EUR\nGlue, per tube ..... 2.10 EUR\nTape, per roll ..... 1.80 EUR",
		"whole prices":    "Screws, box ..... 5\nNails, box ..... 3\nGlue, tube ..... 2\nTape, roll ..... 4",
		"years":           "The mill was founded in 1873\nIt burned down in 1901\nIt was rebuilt in 1904\nIt closed in 1987",
		"rights in prose": strings.Repeat("The licence allows copies for teaching and for private use. ", 8) + "All rights reserved.",
		"no spaces":       "年次有給休暇は翌年度に繰り越すことができる。",
		"contents and text": contents + strings.Repeat("Leave is granted by the office on request.\n", 6) +
			"It may be carried over.\n",
	}
	for name, chunk := range something {
		if why := quality.AnswersNothing(chunk); why != "" {
			t.Errorf("%s: expected no reason, found %q", name, why)
		}
	}
}
