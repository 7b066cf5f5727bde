package database

import "iter"

// Pages yields all rows of a list, a page at a time: memory stays flat, and no query runs for long. read returns the page after a row, the
// first one after nil, and whether there are more.
func Pages[R any](read func(after *R) (page []R, more bool, err error)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var last *R
		for {
			page, more, err := read(last)
			if err != nil {
				var none R
				yield(none, err)
				return
			}
			for _, row := range page {
				if !yield(row, nil) {
					return
				}
			}
			if !more {
				return
			}
			last = &page[len(page)-1]
		}
	}
}
