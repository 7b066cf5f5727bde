package volunteering

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/volunteer"
)

// abilitiesView is the part of a form in which somebody says what they can do, what interests them, and when they usually have time.
type abilitiesView struct {
	Skills      []skillView // those that are asked for
	OtherSkills string
	Interests   string
	Week        []weekdayView
}

type skillView struct {
	Name string
	Has  bool
}

// weekdayView is a row of the grid in which somebody says when they usually have time.
type weekdayView struct {
	Name, Short string
	Parts       []partOfDayView
}

type partOfDayView struct {
	Field, Name string
	Free        bool
}

var weekOrder = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

var partsOfDay = []struct {
	part int
	name string
}{{volunteer.Morning, "morning"}, {volunteer.Afternoon, "afternoon"}, {volunteer.Evening, "evening"}, {volunteer.Night, "night"}}

// abilities is what was ticked and written.
type abilities struct {
	skills, interests []string
	free              volunteer.Availability
}

// view shows the abilities with the wanted skills to tick.
func (a abilities) view(wanted []string) abilitiesView {
	var v abilitiesView
	var other []string
	for _, name := range wanted {
		v.Skills = append(v.Skills, skillView{name, slices.Contains(a.skills, name)})
	}
	for _, name := range a.skills {
		if !slices.Contains(wanted, name) {
			other = append(other, name)
		}
	}
	v.OtherSkills, v.Interests = strings.Join(other, ", "), strings.Join(a.interests, ", ")
	for _, d := range weekOrder {
		row := weekdayView{Name: d.String(), Short: d.String()[:3]}
		for _, part := range partsOfDay {
			row.Parts = append(row.Parts, partOfDayView{availabilityField(d, part.part), part.name, a.free&volunteer.AvailableOn(d, part.part) != 0})
		}
		v.Week = append(v.Week, row)
	}
	return v
}

// abilitiesIn reads the form. What is not ticked is not so.
func abilitiesIn(r web.Request) abilities {
	a := abilities{skills: slices.Concat(r.Values()["skill"], commas(r.Form("other_skills"))), interests: commas(r.Form("interests"))}
	for _, d := range weekOrder {
		for _, part := range partsOfDay {
			if r.Form(availabilityField(d, part.part)) != "" {
				a.free |= volunteer.AvailableOn(d, part.part)
			}
		}
	}
	return a
}

func availabilityField(d time.Weekday, part int) string {
	return "free_" + strconv.Itoa(int(d)) + "_" + strconv.Itoa(part)
}

// commas parts what was typed with commas between.
func commas(typed string) []string {
	words := strings.Split(strings.ToValidUTF8(clipBlock(typed), ""), ",")
	for i := range words {
		words[i] = strings.TrimSpace(words[i])
	}
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}
