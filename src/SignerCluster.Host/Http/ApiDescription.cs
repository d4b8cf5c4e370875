using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace SignerCluster.Host.Http;

/// <summary>What the OpenAPI document says beyond what the endpoints' own types say.</summary>
internal static class ApiDescription
{
    private const string BearerScheme = "bearer";

    internal static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "SignerCluster",
                Version = "v1",
                Description = "Turns one group public key and one message into one BIP-340 signature. Errors are application/problem+json with a stable code.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [BearerScheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "Required wherever a token is set, and always outside loopback.",
                },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(BearerScheme, document)] = [] }];
            return Task.CompletedTask;
        });
    }

    /// <summary>Adds the answers that are errors, all of one form.</summary>
    internal static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (int status in statuses)
        {
            endpoint.Produces<ProblemResponse>(status, Problem.ContentType);
        }

        return endpoint;
    }

    /// <summary>Says that the endpoint needs no token.</summary>
    internal static RouteHandlerBuilder IsOpenToAll(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer(static (operation, _, _) =>
        {
            operation.Security = [];
            return Task.CompletedTask;
        });

    /// <summary>Describes a query parameter that the endpoint reads itself.</summary>
    internal static RouteHandlerBuilder TakesNumber(
        this RouteHandlerBuilder endpoint, string name, int minimum, int maximum, int defaultValue, string description) =>
        endpoint.Takes(name, description, new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Minimum = minimum.ToString(CultureInfo.InvariantCulture),
            Maximum = maximum.ToString(CultureInfo.InvariantCulture),
            Default = JsonValue.Create(defaultValue),
        });

    /// <summary>Describes a query parameter that the endpoint reads itself.</summary>
    internal static RouteHandlerBuilder TakesText(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.Takes(name, description, new OpenApiSchema { Type = JsonSchemaType.String });

    private static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, string name, string description, OpenApiSchema schema) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = description, Schema = schema });
            return Task.CompletedTask;
        });
}
