package database

import "strings"

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// LikePattern finds text anywhere with LIKE. An index of trigrams knows three letters and more, so a shorter text is looked for at the start
// of words, where blanks make up the letters.
func LikePattern(text string) string {
	pattern := "%" + likeEscaper.Replace(text) + "%"
	if len([]rune(text)) < 3 {
		return "% " + pattern[1:]
	}
	return pattern
}

// LikePatterns makes patterns of words that are all looked for, the longest, which finds the least, first.
func LikePatterns(words []string) []string {
	patterns := make([]string, len(words))
	longest := 0
	for i, word := range words {
		patterns[i] = LikePattern(word)
		if len(patterns[i]) > len(patterns[longest]) {
			longest = i
		}
	}
	patterns[0], patterns[longest] = patterns[longest], patterns[0]
	return patterns
}
