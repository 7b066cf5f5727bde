package volunteer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/fault"
	"tributary/domain/volunteer"
)

func TestAnOfferOfHelpIsTidied(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	o, err := volunteer.NewHelpOffer(uuid.New(), volunteer.HelpDetails{
		Skills: []string{" Driving", "driving", ""}, Interests: []string{"Trees"}, Availability: -1, Message: "  Hello\r\nyou  ",
	}, at)
	require.NoError(t, err)
	require.Equal(t, volunteer.Words{"driving"}, o.Skills)
	require.Equal(t, volunteer.Words{"trees"}, o.Interests)
	require.Equal(t, volunteer.AlwaysAvailable, o.Availability, "no bit that means nothing")
	require.Equal(t, "Hello\nyou", o.Message)
	require.Equal(t, volunteer.HelpUnconfirmed, o.Status)
	require.Equal(t, at.Add(24*time.Hour), o.ExpiresAt)

	_, err = volunteer.NewHelpOffer(uuid.New(), volunteer.HelpDetails{Message: strings.Repeat("é", 2000)}, at)
	require.NoError(t, err, "characters are counted, not bytes")
	_, err = volunteer.NewHelpOffer(uuid.New(), volunteer.HelpDetails{Message: strings.Repeat("é", 2001), Skills: []string{strings.Repeat("x", 61)}}, at)
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Len(t, f.Fields, 2, "everything that is wrong is said at once")
}

func TestAnOfferOfHelpIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	at, first, second := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC), uuid.New(), uuid.New()
	o, err := volunteer.NewHelpOffer(uuid.New(), volunteer.HelpDetails{}, at)
	require.NoError(t, err)
	require.False(t, o.Answer(&first, at), "nobody answers what nobody confirmed")
	o.Confirm(uuid.New(), at)
	require.False(t, o.Reopen())
	require.True(t, o.Answer(&first, at))
	require.False(t, o.Answer(&second, at.Add(time.Hour)))
	require.Equal(t, first, *o.AnsweredBy)
	require.True(t, o.Reopen())
	require.Equal(t, volunteer.HelpOpen, o.Status)
	require.Nil(t, o.AnsweredAt)
	require.Nil(t, o.AnsweredBy)
}

func TestAProfileOnlyLearns(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	p := volunteer.NewProfile(uuid.New(), uuid.New(), "code", "token", at)
	p.Skills, p.Interests, p.Availability = volunteer.Words{"driving", "welding"}, volunteer.Words{"trees"}, volunteer.AvailableOn(time.Monday, volunteer.Morning)
	later := at.Add(time.Hour)
	o := volunteer.HelpOffer{Skills: volunteer.Words{"driving", "reading"}, Availability: volunteer.AvailableOn(time.Sunday, volunteer.Night)}
	require.True(t, p.Learn(o, later))
	require.Equal(t, volunteer.Words{"driving", "reading", "welding"}, p.Skills)
	require.Equal(t, volunteer.Words{"trees"}, p.Interests)
	require.Equal(t, volunteer.AvailableOn(time.Monday, volunteer.Morning)|volunteer.AvailableOn(time.Sunday, volunteer.Night), p.Availability)
	require.Equal(t, 2, p.Version)
	require.Equal(t, later, p.UpdatedAt)
	require.False(t, p.Learn(o, later.Add(time.Hour)), "what is known is not news")
	require.Equal(t, 2, p.Version)

	var many volunteer.Words
	for n := range 30 {
		many = append(many, fmt.Sprintf("a%02d", n))
	}
	require.True(t, p.Learn(volunteer.HelpOffer{Skills: many}, later))
	require.Len(t, p.Skills, 30)
	require.Subset(t, p.Skills, []string{"driving", "reading", "welding"}, "what was known stays")
}
