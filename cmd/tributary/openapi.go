package main

import (
	"github.com/spf13/cobra"

	"tributary/app"
)

func (e environment) openapiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "Print the API's contract (OpenAPI 3.1)", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			contract, err := app.Contract()
			if err != nil {
				return err
			}
			_, err = e.out.Write(contract)
			return err
		},
	}
}
