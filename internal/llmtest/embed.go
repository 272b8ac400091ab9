package llmtest

import (
	"hash/fnv"
	"math"
	"strings"
	"unicode"
)

// Dimension of the vectors.
const Dimension = 64

// Embed is the server's embedding: a hashed bag of words, of length 1, so that
// texts sharing words are near each other.
func Embed(text string) []float32 {
	v := make([]float32, Dimension)
	for _, word := range words(strings.ToLower(text)) {
		h := fnv.New32a()
		h.Write([]byte(word))
		v[h.Sum32()%Dimension]++
	}
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		v[0], sum = 1, 1
	}
	norm := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= norm
	}
	return v
}

func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// tokenCount is the server's idea of a token: four bytes.
func tokenCount(text string) int { return (len(text) + 3) / 4 }
