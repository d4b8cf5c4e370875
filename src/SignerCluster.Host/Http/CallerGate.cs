using System.Net;
using Microsoft.Extensions.Primitives;

namespace SignerCluster.Host.Http;

/// <summary>
/// Lets callers in: by their token where there is one; without one only those that address this machine by a loopback name, so that a web
/// page whose own name was made to resolve to 127.0.0.1 cannot ask for signatures from the operator's browser.
/// </summary>
internal sealed class CallerGate(BearerToken? token)
{
    private const string Scheme = "Bearer ";

    public Task PassAsync(HttpContext context, RequestDelegate next)
    {
        Problem? problem = IsOpen(context.Request.Path) ? null : token is null ? CheckHost(context.Request.Host) : CheckToken(token, context);
        return problem is null ? next(context) : problem.ExecuteAsync(context);
    }

    /// <summary>They tell nothing but up or down, and take GET only.</summary>
    private static bool IsOpen(PathString path) => path == ApiPaths.Health || path == ApiPaths.Readiness;

    private static Problem? CheckHost(HostString host)
    {
        bool isLoopback = host.Host == "localhost" || (IPAddress.TryParse(host.Host, out IPAddress? address) && IPAddress.IsLoopback(address));
        return isLoopback
            ? null
            : new Problem(
                StatusCodes.Status421MisdirectedRequest, "host_not_allowed", "Without a token this API answers only to localhost, 127.0.0.1 and [::1].");
    }

    private static Problem? CheckToken(BearerToken token, HttpContext context)
    {
        StringValues headers = context.Request.Headers.Authorization;
        if (headers.Count == 0)
        {
            context.Response.Headers.WWWAuthenticate = """Bearer realm="signer" """.TrimEnd();
            return new Problem(StatusCodes.Status401Unauthorized, "token_missing", "Present the token: Authorization: Bearer TOKEN.");
        }

        if (headers is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && token.Matches(header[Scheme.Length..]))
        {
            return null;
        }

        context.Response.Headers.WWWAuthenticate = """Bearer realm="signer", error="invalid_token" """.TrimEnd();
        return new Problem(StatusCodes.Status401Unauthorized, "token_invalid", "This is not the token.");
    }
}
