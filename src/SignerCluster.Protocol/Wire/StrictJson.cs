using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SignerCluster.Protocol.Wire;

/// <summary>Reads text that others wrote.</summary>
internal static class StrictJson
{
    /// <summary>False for anything that is not exactly one value of the type, the literal null included.</summary>
    internal static bool TryRead<T>(
        ReadOnlySpan<byte> utf8, JsonTypeInfo<T> json, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out JsonException? malformed)
        where T : class
    {
        bool read = TryRead(utf8, (JsonTypeInfo)json, out object? any, out malformed);
        value = (T?)any;
        return read;
    }

    /// <summary>As the other overload, for a type that is known only at run time.</summary>
    internal static bool TryRead(
        ReadOnlySpan<byte> utf8, JsonTypeInfo json, [NotNullWhen(true)] out object? value, [NotNullWhen(false)] out JsonException? malformed)
    {
        (value, malformed) = (null, null);
        try
        {
            value = JsonSerializer.Deserialize(utf8, json);
        }
        catch (JsonException exception)
        {
            malformed = exception;
            return false;
        }
        catch (NotSupportedException exception)
        {
            // The serializer's answer to an object that does not say first which kind of a closed hierarchy it is.
            malformed = new JsonException("An object does not begin with its kind.", exception);
            return false;
        }

        malformed = value is null ? new JsonException("Nothing but null.") : null;
        return value is not null;
    }
}
