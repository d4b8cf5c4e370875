namespace SignerCluster.Host.Http;

/// <summary>The HTTP API cannot start as configured. The message names the setting, the rule and what to do.</summary>
internal sealed class HttpSettingsException : Exception
{
    public HttpSettingsException()
    {
    }

    public HttpSettingsException(string message)
        : base(message)
    {
    }

    public HttpSettingsException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public HttpSettingsException(string code, string message, bool isTransient = false, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        IsTransient = isTransient;
    }

    /// <summary>
    /// Stable snake_case name: <c>http_address_invalid</c>, <c>http_address_unavailable</c>, <c>http_token_required</c>, <c>http_token_missing</c>,
    /// <c>http_token_exposed</c>, <c>http_token_invalid</c>, <c>otlp_endpoint_invalid</c>.
    /// </summary>
    public string Code { get; } = "http_address_invalid";

    /// <summary>May the same settings work later without an operator's help?</summary>
    public bool IsTransient { get; }
}
