package volunteer

import (
	"database/sql/driver"
	"fmt"
	"time"

	"tributary/domain/day"
	"tributary/domain/fault"
)

// Wall is what a clock on the wall shows at some place, to the minute: "2026-11-22T09:00". A shift keeps its wall times and its zone, so that
// nine o'clock stays nine o'clock when summer time begins. In the database it is a timestamp without zone.
type Wall struct{ t time.Time } // in UTC, standing for no zone

const wallLayout = "2006-01-02T15:04"

// ErrWall means that a text is no date and time.
var ErrWall = fault.New(fault.KindInvalid, "wall.invalid", "Write a date and a time, such as 2026-11-22T09:00.")

// ParseWall reads the text form.
func ParseWall(s string) (Wall, error) {
	t, err := time.Parse(wallLayout, s)
	if err != nil || t.Year() < 1900 || t.Year() > 9000 {
		return Wall{}, ErrWall
	}
	return Wall{t}, nil
}

// WallAt is what the clocks of a zone show at an instant.
func WallAt(instant time.Time, zone *time.Location) Wall {
	i := instant.In(zone)
	return Wall{time.Date(i.Year(), i.Month(), i.Day(), i.Hour(), i.Minute(), 0, 0, time.UTC)}
}

// WallOn is a time of a day.
func WallOn(d day.Day, hour, minute int) Wall {
	return Wall{time.Date(d.Year(), d.Month(), d.DayOfMonth(), hour, minute, 0, 0, time.UTC)}
}

// In is the instant at which the clocks of a zone show it. Of an hour that comes twice the first is meant; a time that is skipped counts as if
// the clock had not been changed yet, so 02:30 is what then shows as 03:30 (RFC 5545, 3.3.5).
func (w Wall) In(zone *time.Location) time.Time {
	_, before := w.t.Add(-24 * time.Hour).In(zone).Zone()
	_, after := w.t.Add(24 * time.Hour).In(zone).Zone()
	first := w.t.Add(-time.Duration(before) * time.Second)
	if second := w.t.Add(-time.Duration(after) * time.Second); WallAt(first, zone) != w && WallAt(second, zone) == w {
		return second
	}
	return first
}

// Day is the date.
func (w Wall) Day() day.Day { return day.New(w.t.Year(), w.t.Month(), w.t.Day()) }

// Clock is the time of day.
func (w Wall) Clock() (hour, minute int) { return w.t.Hour(), w.t.Minute() }

// Weekday is the day of the week.
func (w Wall) Weekday() time.Weekday { return w.t.Weekday() }

// AddDays is the same time some days later.
func (w Wall) AddDays(n int) Wall { return Wall{w.t.AddDate(0, 0, n)} }

// Add moves the clock's hand: it knows of no summer time.
func (w Wall) Add(d time.Duration) Wall { return Wall{w.t.Add(d)} }

// Sub is how far the hand moves from another wall time.
func (w Wall) Sub(earlier Wall) time.Duration { return w.t.Sub(earlier.t) }

// After compares what two clocks show.
func (w Wall) After(other Wall) bool { return w.t.After(other.t) }

// IsZero reports whether it was never set.
func (w Wall) IsZero() bool { return w.t.IsZero() }

// Naive is the wall time as if it were UTC: for libraries that calculate with times of no zone.
func (w Wall) Naive() time.Time { return w.t }

// FromNaive reverses Naive.
func FromNaive(t time.Time) Wall { return WallAt(t, time.UTC) }

// String is the text form.
func (w Wall) String() string { return w.t.Format(wallLayout) }

// MarshalText implements encoding.TextMarshaler.
func (w Wall) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *Wall) UnmarshalText(b []byte) (err error) {
	*w, err = ParseWall(string(b))
	return err
}

// GormDataType tells GORM the column type.
func (Wall) GormDataType() string { return "timestamp" }

// Value implements driver.Valuer.
func (w Wall) Value() (driver.Value, error) { return w.t.Format("2006-01-02 15:04:05"), nil }

// Scan implements sql.Scanner.
func (w *Wall) Scan(src any) error {
	t, ok := src.(time.Time)
	if !ok {
		return fmt.Errorf("scan %T into a wall time", src)
	}
	*w = FromNaive(t.UTC())
	return nil
}
