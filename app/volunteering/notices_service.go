package volunteering

// changeWords is what became of one shift of the reader.
type changeWords struct {
	Shift     shiftWords
	Lines     []string // what changed, before and after
	Cancelled bool
	Waiting   bool   // the reader has no place yet
	Overlap   string // another shift of theirs at the same time
}
