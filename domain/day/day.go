// Package day holds calendar dates: a receipt date, a birthday, a due date. A date has no zone; which date "now" is was decided in the
// organization's zone when it was made.
package day

import (
	"database/sql/driver"
	"fmt"
	"time"

	"tributary/domain/fault"
)

const layout = "2006-01-02"

// Day is one calendar date. The zero value is no date.
type Day struct {
	t time.Time // midnight UTC
}

// New makes a date; values out of range are normalised as time.Date does.
func New(year int, month time.Month, dayOfMonth int) Day {
	return Day{time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC)}
}

// In is the date at instant t in zone.
func In(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return New(y, m, d)
}

// Parse reads "2026-11-22". The first of January of the year 1 is refused: it would read as no date.
func Parse(s string) (Day, error) {
	t, err := time.Parse(layout, s)
	if err != nil || t.IsZero() {
		return Day{}, fault.Invalid("date", "date.invalid", "Write the date as YYYY-MM-DD.")
	}
	return Day{t}, nil
}

// Year is the calendar year.
func (d Day) Year() int { return d.t.Year() }

// Month is the month of the year.
func (d Day) Month() time.Month { return d.t.Month() }

// DayOfMonth is 1 to 31.
func (d Day) DayOfMonth() int { return d.t.Day() }

// AddDays moves by n days.
func (d Day) AddDays(n int) Day { return Day{d.t.AddDate(0, 0, n)} }

// Before reports whether d comes before e.
func (d Day) Before(e Day) bool { return d.t.Before(e.t) }

// After reports whether d comes after e.
func (d Day) After(e Day) bool { return d.t.After(e.t) }

// IsZero reports whether there is no date.
func (d Day) IsZero() bool { return d.t.IsZero() }

// Start is the first instant of the date in zone. Where clocks change at midnight, that hour is skipped or comes twice; time.Date then
// may answer an instant of the day before, or the second midnight.
func (d Day) Start(zone *time.Location) time.Time {
	_, before := d.t.Add(-26 * time.Hour).In(zone).Zone()
	midnight := d.t.Add(-time.Duration(before) * time.Second).In(zone)
	_, after := midnight.Zone()
	if after == before {
		return midnight
	}
	change, _ := midnight.ZoneBounds()
	if midnight = d.t.Add(-time.Duration(after) * time.Second).In(zone); midnight.Before(change) {
		return change
	}
	return midnight
}

// String is the ISO 8601 form, empty for no date.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return d.t.Format(layout)
}

// MarshalText implements encoding.TextMarshaler.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; empty text is no date.
func (d *Day) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Day{}
		return nil
	}
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// Value implements driver.Valuer.
func (d Day) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.t, nil
}

// Scan implements sql.Scanner.
func (d *Day) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Day{}
	case time.Time:
		y, m, dd := v.Date()
		*d = New(y, m, dd)
	case string:
		return d.UnmarshalText([]byte(v))
	default:
		return fmt.Errorf("scan %T into a day", src)
	}
	return nil
}

// GormDataType tells GORM the column type.
func (Day) GormDataType() string { return "date" }
