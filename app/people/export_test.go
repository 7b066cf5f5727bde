package people

// What the tests of query plans explain.
var (
	NewestSQL   = newestSQL
	MatchingSQL = matchingSQL
	NarrowSQL   = narrowSQL
)
