using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SignerCluster.Protocol.Wire;

/// <summary>Messages between nodes as UTF-8 JSON.</summary>
public static class Message
{
    public static byte[] Encode<T>(T message, JsonTypeInfo<T> json) => JsonSerializer.SerializeToUtf8Bytes(message, json);

    /// <summary>Decodes strictly; refuses with <c>malformed_message</c> anything that is not exactly one message of the type.</summary>
    public static bool TryDecode<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> json, [NotNullWhen(true)] out T? message, [NotNullWhen(false)] out Refusal? refusal)
        where T : class
    {
        refusal = null;
        message = null;
        try
        {
            message = JsonSerializer.Deserialize(bytes, json);
        }
        catch (JsonException malformed)
        {
            refusal = Refusals.Malformed(typeof(T).Name, malformed.Path);
            return false;
        }

        refusal = message is null ? Refusals.Malformed(typeof(T).Name, "$") : null;
        return message is not null;
    }
}
