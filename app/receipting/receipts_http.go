package receipting

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/receipt"
)

const tag = "Receipts"

// Routes registers the operations of receipts.
func (s *Service) Routes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-receipts", Method: http.MethodGet, Path: "/receipts", Summary: "List receipts, the newest first", Tag: tag,
		Permission: account.ReceiptsRead,
	}, s.listReceipts)
	web.Handle(api, web.Op{
		ID: "download-receipt", Method: http.MethodGet, Path: "/receipts/{id}/pdf", Summary: "Download a receipt as PDF", Tag: tag,
		Description: "A void receipt carries its mark.", Permission: account.ReceiptsRead, Produces: "application/pdf",
	}, s.downloadReceipt)
	web.Handle(api, web.Op{
		ID: "show-receipt", Method: http.MethodGet, Path: "/receipts/{id}/html", Summary: "Show a receipt as a page", Tag: tag,
		Permission: account.ReceiptsRead, Produces: "text/html",
	}, s.showReceipt(api.Pages()))
	web.Handle(api, web.Op{
		ID: "resend-receipt", Method: http.MethodPost, Path: "/receipts/{id}/resend", Summary: "Mail a receipt again", Tag: tag,
		Description: "To the address on the donation. Pressed twice within a minute it is mailed once.", Permission: account.ReceiptsSend,
		Status: http.StatusAccepted, Errors: []int{http.StatusConflict},
	}, s.resendReceipt)
	web.Handle(api, web.Op{
		ID: "void-receipt", Method: http.MethodPost, Path: "/receipts/{id}/void", Summary: "Void a receipt", Tag: tag,
		Description: "The donation has no receipt from then on, until its money changes or the receipt is replaced.", Permission: account.ReceiptsSend,
		Errors: []int{http.StatusConflict},
	}, s.voidReceipt)
	web.Handle(api, web.Op{
		ID: "replace-receipt", Method: http.MethodPost, Path: "/receipts/{id}/replace", Summary: "Replace a receipt", Tag: tag,
		Description: "Voids it, if it still stands, and issues and mails another from what the records say now.", Permission: account.ReceiptsSend,
		Status: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, s.replaceReceipt)
}

type receiptSummary struct {
	ID         string     `json:"id" format:"uuid"`
	Number     string     `json:"number" doc:"As printed."`
	DonationID string     `json:"donation_id" format:"uuid"`
	DonorName  string     `json:"donor_name"`
	Amount     web.Money  `json:"amount" doc:"What the receipt attests: the contribution less what was refunded before it was issued."`
	ReceivedOn day.Day    `json:"received_on"`
	IssuedAt   time.Time  `json:"issued_at"`
	VoidedAt   *time.Time `json:"voided_at" doc:"Null while it stands."`
	VoidReason string     `json:"void_reason"`
	Replaces   string     `json:"replaces" doc:"Number of the void receipt it stands in for; empty for a first one."`
	ReplacedBy string     `json:"replaced_by" doc:"Number of the receipt that stands instead; empty when none does."`
}

func summaryOf(k Kept) receiptSummary {
	r := k.receipt()
	return receiptSummary{
		ID: r.ID().String(), Number: r.Content().Number, DonationID: r.DonationID().String(), DonorName: r.Content().DonorName,
		Amount: r.Amount(), ReceivedOn: r.ReceivedOn(), IssuedAt: r.IssuedAt(), VoidedAt: k.VoidedAt, VoidReason: k.VoidReason,
		Replaces: r.Content().Replaces, ReplacedBy: k.ReplacedBy,
	}
}

type listReceiptsInput struct {
	web.PageInput
	DonationID string `query:"donation_id" format:"uuid" doc:"Only those of one donation."`
}

type listReceiptsOutput struct{ Body web.PageOf[receiptSummary] }

func (s *Service) listReceipts(ctx context.Context, in *listReceiptsInput) (*listReceiptsOutput, error) {
	page := Page{Limit: in.Limit}
	var err error
	if page.Before, err = positionOf(in.Cursor); err != nil {
		return nil, err
	}
	if in.DonationID != "" {
		donation, err := uuid.Parse(in.DonationID)
		if err != nil {
			return nil, fault.Invalid("donation_id", "id.invalid", "This is not an id.")
		}
		page.DonationID = &donation
	}
	found, more, err := s.List(ctx, page)
	if err != nil {
		return nil, err
	}
	return &listReceiptsOutput{web.PageBy(found, more, summaryOf, func(k Kept) string { return web.EncodeTimeCursor(k.Row.IssuedAt, k.Row.ID.String()) })}, nil
}

func positionOf(cursor string) (*Position, error) {
	at, last, err := web.DecodeTimeCursor(cursor, id.Parse[receipt.Receipt])
	if err != nil || at.IsZero() {
		return nil, err
	}
	return &Position{IssuedAt: at, ID: last}, nil
}

type receiptInput struct {
	ID id.ID[receipt.Receipt] `path:"id" format:"uuid"`
}

func (s *Service) downloadReceipt(ctx context.Context, in *receiptInput) (*web.Blob, error) {
	pdf, name, err := s.PDF(ctx, actor.From(ctx).OrgID, in.ID)
	if err != nil {
		return nil, err
	}
	return web.BlobOf("application/pdf", name, bytes.NewReader(pdf)), nil
}

func (s *Service) showReceipt(pages *web.Pages) func(context.Context, *receiptInput) (*web.Blob, error) {
	return func(ctx context.Context, in *receiptInput) (*web.Blob, error) {
		k, err := s.find(ctx, actor.From(ctx).OrgID, in.ID)
		if err != nil {
			return nil, err
		}
		return pages.Render(s.viewOf(k)), nil
	}
}

func (s *Service) resendReceipt(ctx context.Context, in *receiptInput) (*web.Empty, error) {
	return nil, s.Resend(ctx, in.ID)
}

type reasonBody struct {
	Reason string `json:"reason" minLength:"1" maxLength:"300" doc:"Why, for the history."`
}

type reasonInput struct {
	ID   id.ID[receipt.Receipt] `path:"id" format:"uuid"`
	Body reasonBody
}

func (s *Service) voidReceipt(ctx context.Context, in *reasonInput) (*web.Empty, error) {
	return nil, s.Void(ctx, in.ID, in.Body.Reason)
}

type replacedBody struct {
	ID     string `json:"id" format:"uuid"`
	Number string `json:"number"`
}

type replacedOutput struct{ Body replacedBody }

func (s *Service) replaceReceipt(ctx context.Context, in *reasonInput) (*replacedOutput, error) {
	issued, err := s.Replace(ctx, in.ID, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &replacedOutput{Body: replacedBody{ID: issued.ID().String(), Number: issued.Content().Number}}, nil
}
