package volunteering

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// hoursRoutes registers the operations of time given.
func (s *Service) hoursRoutes(api *web.API) {
	op := func(id, method, path, summary string, p account.Permission) web.Op {
		return web.Op{ID: id, Method: method, Path: path, Summary: summary, Tag: "Volunteering", Permission: p}
	}
	web.Handle(api, op("list-volunteer-hours", http.MethodGet, "/volunteer-hours", "Hours, newest first", account.VolunteersRead), s.listVolunteerHours)
	export := op("export-volunteer-hours", http.MethodGet, "/volunteer-hours.csv", "Hours as CSV", account.VolunteersRead)
	export.Produces, export.RateLimit = "text/csv", &web.Limit{N: 30, Window: 10 * time.Minute}
	web.Handle(api, export, s.exportVolunteerHours)
	record := op("record-volunteer-hours", http.MethodPost, "/volunteer-hours", "Record hours that somebody gave", account.VolunteersManage)
	record.Description = "They wait for approval like any others."
	record.Status, record.Idempotent = http.StatusCreated, true
	web.Handle(api, record, s.recordVolunteerHours)
	decide := op("decide-volunteer-hours", http.MethodPost, "/volunteer-hours/decide", "Approve or reject hours", account.HoursApprove)
	decide.Description = "All or none: when one of them cannot be decided, nothing changes and errors names each such entry as body.ids[n]. Nobody approves their own hours. Whoever is rejected gets a mail with the reason."
	decide.Idempotent, decide.Errors = true, []int{http.StatusNotFound}
	web.Handle(api, decide, s.decideVolunteerHours)
	correct := op("correct-volunteer-hours", http.MethodPost, "/volunteer-hours/{id}/correct", "Correct hours and approve them", account.HoursApprove)
	correct.Description = "The volunteer gets a mail with the reason."
	correct.Idempotent = true
	web.Handle(api, correct, s.correctVolunteerHours)
	totals := op("total-volunteer-hours", http.MethodGet, "/volunteer-hours/totals", "Approved hours added up", account.VolunteersRead)
	web.Handle(api, totals, s.totalVolunteerHours)
	certificate := op("get-volunteer-certificate", http.MethodGet, "/people/{id}/volunteer-certificate", "Certificate of service as PDF", account.VolunteersRead)
	certificate.Produces, certificate.Errors = "application/pdf", []int{http.StatusConflict}
	web.Handle(api, certificate, s.getVolunteerCertificate)
}

// HoursFilterInput narrows a list of hours. Exported, as huma leaves out what is embedded and is not.
type HoursFilterInput struct {
	Status        volunteer.HoursStatus `query:"status" enum:"pending,approved,rejected"`
	PersonID      string                `query:"person_id" format:"uuid"`
	OpportunityID string                `query:"opportunity_id" format:"uuid"`
	From          string                `query:"from" format:"date" doc:"First day of service."`
	To            string                `query:"to" format:"date" doc:"Last day of service."`
}

func (in HoursFilterInput) filter() (HoursFilter, error) {
	f := HoursFilter{Status: in.Status}
	var errs [4]error
	f.PersonID, errs[0] = web.OptionalID("person_id", in.PersonID)
	f.OpportunityID, errs[1] = web.OptionalID("opportunity_id", in.OpportunityID)
	f.From, errs[2] = web.OptionalDay("from", in.From)
	f.To, errs[3] = web.OptionalDay("to", in.To)
	return f, fault.Join(errs[:]...)
}

// HoursPersonView is whose hours they are.
type HoursPersonView struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name"`
}

// HoursOpportunityView is what hours were given to.
type HoursOpportunityView struct {
	ID    string `json:"id" format:"uuid"`
	Title string `json:"title"`
	Role  string `json:"role"`
}

// HoursView is an entry of hours.
type HoursView struct {
	ID            string                `json:"id" format:"uuid"`
	Person        HoursPersonView       `json:"person"`
	Opportunity   HoursOpportunityView  `json:"opportunity"`
	SignUpID      string                `json:"sign_up_id,omitempty" format:"uuid" doc:"Of time recorded by check-in."`
	On            day.Day               `json:"on" format:"date" doc:"At the place."`
	Minutes       int                   `json:"minutes" doc:"That the person gave, and whoever came with them gave each."`
	People        int                   `json:"people" doc:"How many that is, the person included."`
	Source        volunteer.HoursSource `json:"source" enum:"check_in,self,staff"`
	Status        volunteer.HoursStatus `json:"status" enum:"pending,approved,rejected"`
	Assumed       bool                  `json:"assumed" doc:"Nobody checked the person out: the planned end was taken."`
	Note          string                `json:"note"`
	Reason        string                `json:"reason" doc:"Why it was rejected or corrected."`
	DecidedByName string                `json:"decided_by_name,omitempty"`
	DecidedAt     *time.Time            `json:"decided_at,omitempty"`
	Version       int                   `json:"version"`
	CreatedAt     time.Time             `json:"created_at"`
}

func hoursViewOf(l HoursLine) HoursView {
	v := HoursView{
		ID: l.ID.String(), Person: HoursPersonView{l.PersonID.String(), l.PersonName()}, Opportunity: HoursOpportunityView{l.OpportunityID.String(), l.Title, l.Role},
		On: l.On, Minutes: l.Minutes, People: l.People, Source: l.Source, Status: l.Status, Assumed: l.Assumed, Note: l.Note, Reason: l.Reason, DecidedByName: l.DecidedByName,
		DecidedAt: l.DecidedAt, Version: l.Version, CreatedAt: l.CreatedAt,
	}
	if l.SignUpID != nil {
		v.SignUpID = l.SignUpID.String()
	}
	return v
}

func hoursViewsOf(lines []HoursLine) []HoursView {
	views := make([]HoursView, len(lines))
	for i, l := range lines {
		views[i] = hoursViewOf(l)
	}
	return views
}

type listHoursInput struct {
	web.PageInput
	HoursFilterInput
}

type listHoursOutput struct{ Body web.PageOf[HoursView] }

func (s *Service) listVolunteerHours(ctx context.Context, in *listHoursInput) (*listHoursOutput, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	f.Limit = in.Limit
	if f.Before, f.BeforeID, err = web.DecodeTimeCursor(in.Cursor, uuid.Parse); err != nil {
		return nil, err
	}
	lines, more, err := s.ListHours(ctx, f)
	if err != nil {
		return nil, err
	}
	return &listHoursOutput{web.PageBy(lines, more, hoursViewOf, func(l HoursLine) string { return web.EncodeTimeCursor(l.CreatedAt, l.ID.String()) })}, nil
}

func (s *Service) exportVolunteerHours(ctx context.Context, in *struct{ HoursFilterInput }) (*web.Blob, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	if err := s.HoursExported(ctx, f); err != nil {
		return nil, err
	}
	header := []string{"Day", "Volunteer", "E-mail", "Opportunity", "Role", "Minutes", "People", "Hours in all", "Status", "Recorded by", "End assumed", "Note", "Reason", "Decided by", "Decided at"}
	return web.CSV("volunteer-hours.csv", header, web.CSVRows(s.ExportHours(ctx, f), hoursRow)), nil
}

func hoursRow(l HoursLine) []string {
	var email, decided, assumed string
	if l.Email != nil {
		email = *l.Email
	}
	if l.DecidedAt != nil {
		decided = l.DecidedAt.UTC().Format(time.RFC3339)
	}
	if l.Assumed {
		assumed = "yes"
	}
	return []string{
		l.On.String(), l.PersonName(), email, l.Title, l.Role, fmt.Sprint(l.Minutes), fmt.Sprint(l.People), fmt.Sprintf("%.2f", float64(l.InAll())/60), string(l.Status), string(l.Source),
		assumed, l.Note, l.Reason, l.DecidedByName, decided,
	}
}

type recordHoursInput struct {
	Body struct {
		PersonID      string  `json:"person_id" format:"uuid"`
		OpportunityID string  `json:"opportunity_id" format:"uuid"`
		On            day.Day `json:"on" format:"date" doc:"At the place."`
		Minutes       int     `json:"minutes" minimum:"1" maximum:"1440"`
		People        int     `json:"people,omitempty" minimum:"0" maximum:"50" doc:"How many gave the time, the person included; left out: one."`
		Note          string  `json:"note,omitempty" maxLength:"500" doc:"What was done."`
	}
}

type hoursOutput struct{ Body HoursView }

func (s *Service) recordVolunteerHours(ctx context.Context, in *recordHoursInput) (*hoursOutput, error) {
	b := in.Body
	who, errPerson := web.OptionalID("person_id", b.PersonID)
	of, errOpportunity := web.OptionalID("opportunity_id", b.OpportunityID)
	if err := fault.Join(errPerson, errOpportunity); err != nil {
		return nil, err
	}
	line, err := s.LogHours(ctx, who, HoursInput{OpportunityID: id.From[volunteer.Opportunity](of), On: b.On, Minutes: b.Minutes, People: b.People, Note: b.Note})
	if err != nil {
		return nil, err
	}
	return &hoursOutput{hoursViewOf(line)}, nil
}

type decideHoursInput struct {
	Body struct {
		IDs      []string `json:"ids" minItems:"1" maxItems:"200" doc:"Which entries."`
		Decision string   `json:"decision" enum:"approve,reject"`
		Reason   string   `json:"reason,omitempty" maxLength:"500" doc:"Of a rejection: the volunteer reads it."`
	}
}

type decideHoursOutput struct {
	Body struct {
		Items []HoursView `json:"items"`
	}
}

func (s *Service) decideVolunteerHours(ctx context.Context, in *decideHoursInput) (*decideHoursOutput, error) {
	d := Decision{Approve: in.Body.Decision == "approve", Reason: in.Body.Reason}
	for i, text := range in.Body.IDs {
		of, err := id.Parse[volunteer.Hours](text)
		if err != nil {
			return nil, volunteer.ErrHours.With(fmt.Sprintf("ids[%d]", i))
		}
		d.IDs = append(d.IDs, of)
	}
	lines, err := s.DecideHours(ctx, d)
	if err != nil {
		return nil, err
	}
	out := &decideHoursOutput{}
	out.Body.Items = hoursViewsOf(lines)
	return out, nil
}

type correctHoursInput struct {
	ID   string `path:"id" format:"uuid"`
	Body struct {
		Version int     `json:"version" minimum:"1" doc:"The one that the editor saw."`
		On      day.Day `json:"on" format:"date"`
		Minutes int     `json:"minutes" minimum:"1" maximum:"1440"`
		People  int     `json:"people,omitempty" minimum:"0" maximum:"50" doc:"Left out: as it was."`
		Reason  string  `json:"reason" minLength:"1" maxLength:"500"`
	}
}

func (s *Service) correctVolunteerHours(ctx context.Context, in *correctHoursInput) (*hoursOutput, error) {
	of, err := id.Parse[volunteer.Hours](in.ID)
	if err != nil {
		return nil, volunteer.ErrHours
	}
	line, err := s.CorrectHours(ctx, of, volunteer.Correction{Version: in.Body.Version, On: in.Body.On, Minutes: in.Body.Minutes, People: in.Body.People, Reason: in.Body.Reason})
	if err != nil {
		return nil, err
	}
	return &hoursOutput{hoursViewOf(line)}, nil
}

// PeriodInput is a span of days, both inclusive. Exported, as huma leaves out what is embedded and is not.
type PeriodInput struct {
	From string `query:"from" format:"date" doc:"First day; without it, from the beginning."`
	To   string `query:"to" format:"date" doc:"Last day; without it, until today."`
}

func (in PeriodInput) days() (from, to day.Day, err error) {
	from, errFrom := web.OptionalDay("from", in.From)
	to, errTo := web.OptionalDay("to", in.To)
	return from, to, fault.Join(errFrom, errTo)
}

type totalHoursInput struct {
	PeriodInput
	By string `query:"by" required:"true" enum:"opportunity,role,month"`
}

// HoursTotalView is the approved time of one group.
type HoursTotalView struct {
	Key     string `json:"key" doc:"The opportunity's id, the role, or the month as 2026-11."`
	Label   string `json:"label"`
	Minutes int64  `json:"minutes" doc:"Of everybody, those who came along included."`
	People  int64  `json:"people" doc:"Known by name: those who came along with somebody are not counted here."`
	Entries int64  `json:"entries"`
}

type totalHoursOutput struct {
	Body struct {
		Items   []HoursTotalView `json:"items" doc:"The largest first; months in order."`
		Minutes int64            `json:"minutes" doc:"Of all groups."`
		People  int64            `json:"people" doc:"Different people, each counted once."`
		Entries int64            `json:"entries"`
	}
}

func (s *Service) totalVolunteerHours(ctx context.Context, in *totalHoursInput) (*totalHoursOutput, error) {
	from, to, err := in.days()
	if err != nil {
		return nil, err
	}
	t, err := s.Totals(ctx, in.By, from, to)
	if err != nil {
		return nil, err
	}
	out := &totalHoursOutput{}
	out.Body.Items = make([]HoursTotalView, len(t.Groups))
	for i, g := range t.Groups {
		out.Body.Items[i] = HoursTotalView(g)
	}
	out.Body.Minutes, out.Body.People, out.Body.Entries = t.Whole.Minutes, t.Whole.People, t.Whole.Entries
	return out, nil
}

type certificateInput struct {
	PeriodInput
	ID string `path:"id" format:"uuid"`
}

func (s *Service) getVolunteerCertificate(ctx context.Context, in *certificateInput) (*web.Blob, error) {
	from, to, err := in.days()
	if err != nil {
		return nil, err
	}
	who, err := id.Parse[person.Person](in.ID)
	if err != nil {
		return nil, person.ErrNotFound
	}
	pdf, err := s.Certificate(ctx, who.UUID, from, to)
	if err != nil {
		return nil, err
	}
	return web.BlobOf("application/pdf", "certificate-of-service.pdf", bytes.NewReader(pdf)), nil
}
