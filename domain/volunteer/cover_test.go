package volunteer_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/volunteer"
)

func at(degrees float64) *float64 { return &degrees }

func TestWhoCouldCoverAShift(t *testing.T) {
	t.Parallel()
	o := opportunity(t, func(d *volunteer.Details) {
		d.Skills = []string{"driving", "lifting"}
		d.Place = volunteer.Place{City: "Providence", PostalCode: "02903", Latitude: at(41.82), Longitude: at(-71.41)}
	})
	s := shift(t, o, "2026-11-23T09:00", "2026-11-23T12:00", 3) // a Monday morning
	mondays := volunteer.AvailableOn(time.Monday, volunteer.Morning)
	tuesdays := volunteer.AvailableOn(time.Tuesday, volunteer.Morning)
	yesterday := noon.Add(-24 * time.Hour)
	all := []volunteer.Prospect{
		{PersonID: uuid.New(), Name: "Nobody known"},
		{PersonID: uuid.New(), Name: "Best, but busy", Skills: volunteer.Words{"driving", "lifting"}, Availability: mondays, Came: 10, Minutes: 6000, Obstacles: []volunteer.Rule{volunteer.RuleOverlap}},
		{PersonID: uuid.New(), Name: "Regular", Skills: volunteer.Words{"driving", "lifting"}, Availability: mondays, Came: 10, SameRole: 8, Minutes: 6000, Latitude: at(41.83), Longitude: at(-71.41)},
		{PersonID: uuid.New(), Name: "Regular, asked yesterday", Skills: volunteer.Words{"driving", "lifting"}, Availability: mondays, Came: 10, SameRole: 8, Minutes: 6000, Latitude: at(41.83), Longitude: at(-71.41), LastAskedAt: &yesterday},
		{PersonID: uuid.New(), Name: "Never there", Skills: volunteer.Words{"driving"}, Availability: tuesdays, Came: 1, NoShows: 3, City: "providence"},
	}
	var names []string
	proposals := volunteer.Propose(s, o, all, noon)
	for _, p := range proposals {
		names = append(names, p.Name)
	}
	require.Equal(t, []string{"Regular", "Regular, asked yesterday", "Nobody known", "Never there", "Best, but busy"}, names)

	codes := func(p volunteer.Proposal) (codes []string) {
		for _, b := range p.Reasons {
			codes = append(codes, b.Code)
		}
		return codes
	}
	require.Equal(t, []string{"skills", "available", "same_role", "experienced", "reliable", "near"}, codes(proposals[0]))
	require.Equal(t, volunteer.Because{Code: "near", Points: 19, Number: 1}, proposals[0].Reasons[5])
	require.Equal(t, []string{"driving", "lifting"}, proposals[0].Reasons[0].Words)
	require.Equal(t, []string{"skills", "unavailable", "no_shows", "same_town"}, codes(proposals[3]))
	require.False(t, proposals[4].Eligible())
	require.Contains(t, codes(proposals[4]), "overlap")

	total := 0
	for _, b := range proposals[0].Reasons {
		total += b.Points
	}
	require.Equal(t, total, proposals[0].Score, "the score is what its reasons say")
}

func TestKilometres(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 877.5, volunteer.Kilometres(52.5200, 13.4050, 48.8566, 2.3522), 1, "Berlin to Paris")
	require.InDelta(t, 111.2, volunteer.Kilometres(0, 179.5, 0, -179.5), 0.1, "over the date line")
	require.Zero(t, volunteer.Kilometres(10, 10, 10, 10))
}
