package database_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
)

func TestLikePattern(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"hale": "%hale%", "ha": "% ha%", "": "% %", "øde": "%øde%", "李明": "% 李明%", `100%_\`: `%100\%\_\\%`, "%": `% \%%`,
	} {
		require.Equal(t, want, database.LikePattern(text), "%q", text)
	}
}

func TestLikePatternsBeginWithTheLongest(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"%lindqvist%", "% li%", "%maya%"}, database.LikePatterns([]string{"maya", "li", "lindqvist"}))
	require.Equal(t, []string{"%ada%", "%eva%"}, database.LikePatterns([]string{"ada", "eva"}), "of two that are as long, the first")
}
