using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SignerCluster.Host.Http;

/// <summary>Where the HTTP API listens and whom it lets in.</summary>
/// <param name="Endpoint">An IP address and a port; port 0 picks a free one at start.</param>
/// <param name="Token">What callers must present; null lets everyone in and is allowed on loopback only.</param>
internal sealed record HttpSettings(IPEndPoint Endpoint, BearerToken? Token)
{
    /// <summary>What bounds a caller's use of this process.</summary>
    public HttpLimits Limits { get; init; } = new();

    /// <summary>
    /// Parses <c>127.0.0.1:7420</c>, <c>[::1]:0</c> or <c>localhost:7420</c>, which is 127.0.0.1. Throws <see cref="HttpSettingsException"/>
    /// with <c>http_address_invalid</c> for anything else: no other names, no shortened addresses, no missing port.
    /// </summary>
    public static IPEndPoint ParseEndpoint(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 1)
        {
            throw Invalid(text, "the port is missing");
        }

        string host = text[..colon];
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            throw Invalid(text, "the port is not a number in 0..65535");
        }

        return new IPEndPoint(
            ParseAddress(host) ?? throw Invalid(text, "the host is neither an IPv4 address, an IPv6 address in brackets, nor localhost"), port);
    }

    /// <summary>As <see cref="ParseEndpoint"/>; null for anything else.</summary>
    public static IPEndPoint? TryParseEndpoint(string text)
    {
        try
        {
            return ParseEndpoint(text);
        }
        catch (HttpSettingsException)
        {
            return null;
        }
    }

    /// <summary>
    /// Throws <see cref="HttpSettingsException"/> with <c>http_token_required</c> when callers from outside this machine could sign without a token.
    /// </summary>
    public void ThrowIfOpenToOutsiders()
    {
        if (Token is null && !IPAddress.IsLoopback(Endpoint.Address))
        {
            throw new HttpSettingsException(
                "http_token_required",
                $"{Endpoint} can be reached from outside this machine, so a bearer token is required. Set a token file, or listen on 127.0.0.1.");
        }
    }

    private static IPAddress? ParseAddress(string host)
    {
        bool isBracketed = host.StartsWith('[') && host.EndsWith(']');
        string literal = isBracketed ? host[1..^1] : host == "localhost" ? "127.0.0.1" : host;
        AddressFamily wanted = isBracketed ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        if (!IPAddress.TryParse(literal, out IPAddress? address) || address.AddressFamily != wanted)
        {
            return null;
        }

        // "127.1" and "0x7f.1" are addresses to the parser; an operator who reads them may think of another one.
        return isBracketed || address.ToString() == literal ? address : null;
    }

    private static HttpSettingsException Invalid(string text, string rule) =>
        new(
            "http_address_invalid",
            $"'{text}' is not an address to listen on: {rule}. Write 127.0.0.1:7420, [::1]:7420 or localhost:7420; port 0 picks a free one.");
}

/// <summary>What bounds a caller's use of this process.</summary>
internal sealed record HttpLimits
{
    /// <summary>Longest body taken, in bytes.</summary>
    public const int MaximumBodyBytes = 2 * 1024 * 1024;

    /// <summary>Longest body that is still read to its end to be refused; the connection of a longer one is cut.</summary>
    public const int MaximumDrainedBytes = 8 * MaximumBodyBytes;

    /// <summary>Longest time that a request may ask to wait for its session's end.</summary>
    public const int MaximumWaitSeconds = 60;

    /// <summary>Connections at once; one more is closed unanswered.</summary>
    public int Connections { get; init; } = 256;

    /// <summary>Bodies of one caller that may be under way at once: half of the connections, so that others, and health, are still answered.</summary>
    public int BodiesOfOneCaller => Math.Max(1, Connections / 2);

    /// <summary>How long a caller may take to send its headers.</summary>
    public TimeSpan Headers { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a caller may take to send its body.</summary>
    public TimeSpan Body { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the cluster may take to answer, a wait that was asked for not counted.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Covenant jobs that one caller may submit at once before it has to wait for <see cref="JobsPerMinute"/>.</summary>
    public int JobBurst { get; init; } = 100;

    /// <summary>Covenant jobs that one caller may submit in a minute.</summary>
    public int JobsPerMinute { get; init; } = 6_000;

    /// <summary>Submits of covenant jobs that may be in progress at once.</summary>
    public int JobsInFlight { get; init; } = 64;

    /// <summary>How long a stop waits for requests in progress.</summary>
    public TimeSpan Stop { get; init; } = TimeSpan.FromSeconds(10);
}
