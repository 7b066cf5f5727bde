package volunteering

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// helpRoutes registers the operations of offers of help.
func (s *Service) helpRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-help-offers", Method: http.MethodGet, Path: "/help-offers", Summary: "List offers of help, the newest first", Tag: volunteeringTag,
		Description: "From people who would like to help and chose no shift. Only those whose mail was confirmed.", Permission: account.VolunteersRead,
	}, s.listHelpOffers)
	web.Handle(api, web.Op{
		ID: "answer-help-offer", Method: http.MethodPost, Path: "/help-offers/{id}/answer", Summary: "Mark an offer of help as answered", Tag: volunteeringTag,
		Description: "Sends nothing. Who answered first, and when, stays.", Permission: account.VolunteersManage,
	}, s.answerHelpOffer)
	web.Handle(api, web.Op{
		ID: "reopen-help-offer", Method: http.MethodDelete, Path: "/help-offers/{id}/answer", Summary: "Mark an offer of help as not answered after all",
		Tag: volunteeringTag, Permission: account.VolunteersManage,
	}, s.reopenHelpOffer)
}

// helpOfferView is an offer of help in the list.
type helpOfferView struct {
	ID             string               `json:"id" format:"uuid"`
	PersonID       string               `json:"person_id" format:"uuid"`
	Name           string               `json:"name" doc:"Of the person; else the e-mail address."`
	Email          string               `json:"email" doc:"Of the person; empty when unknown."`
	WrittenName    string               `json:"written_name" doc:"The name that was typed, which may differ; empty when none was asked for."`
	Phone          string               `json:"phone" doc:"As typed, else of the person; empty when unknown."`
	Message        string               `json:"message"`
	Skills         []string             `json:"skills"`
	Interests      []string             `json:"interests"`
	Availability   int32                `json:"availability" doc:"A bit per weekday, Monday first, and part of the day (morning, afternoon, evening, night); 0: they have not said."`
	Status         volunteer.HelpStatus `json:"status" enum:"open,answered"`
	OfferedAt      time.Time            `json:"offered_at"`
	AnsweredAt     *time.Time           `json:"answered_at" nullable:"true"`
	AnsweredByName string               `json:"answered_by_name"`
}

func viewOfHelp(l HelpLine) helpOfferView {
	return helpOfferView{
		ID: l.ID.String(), PersonID: l.PersonID.String(), Name: l.person().DisplayName(), Email: l.person().EmailAddress(), WrittenName: joined(" ", l.FirstName, l.LastName),
		Phone: cmp.Or(l.Phone, l.KnownPhone), Message: l.Message, Skills: written(l.Skills), Interests: written(l.Interests), Availability: int32(l.Availability), Status: l.Status,
		OfferedAt: *l.ConfirmedAt, AnsweredAt: l.AnsweredAt, AnsweredByName: l.AnsweredByName,
	}
}

type helpOffersOutput struct{ Body web.PageOf[helpOfferView] }

func (s *Service) listHelpOffers(ctx context.Context, in *struct {
	web.PageInput
	Status string `query:"status" enum:"open,answered"`
}) (*helpOffersOutput, error) {
	at, last, err := web.DecodeTimeCursor(in.Cursor, id.Parse[volunteer.HelpOffer])
	if err != nil {
		return nil, err
	}
	lines, more, err := s.HelpOffers(ctx, HelpFilter{Status: volunteer.HelpStatus(in.Status), Before: at, BeforeID: last, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return &helpOffersOutput{web.PageBy(lines, more, viewOfHelp, func(l HelpLine) string { return web.EncodeTimeCursor(*l.ConfirmedAt, l.ID.String()) })}, nil
}

// HelpOfferPath names an offer of help. It is exported because huma passes over embedded structs that are not.
type HelpOfferPath struct {
	ID id.ID[volunteer.HelpOffer] `path:"id" format:"uuid"`
}

func (s *Service) answerHelpOffer(ctx context.Context, in *HelpOfferPath) (*web.Empty, error) {
	return nil, s.AnswerHelp(ctx, in.ID, true)
}

func (s *Service) reopenHelpOffer(ctx context.Context, in *HelpOfferPath) (*web.Empty, error) {
	return nil, s.AnswerHelp(ctx, in.ID, false)
}
