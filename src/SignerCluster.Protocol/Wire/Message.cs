using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SignerCluster.Protocol.Wire;

/// <summary>Messages between nodes as UTF-8 JSON.</summary>
public static class Message
{
    public static byte[] Encode<T>(T message, JsonTypeInfo<T> json) => JsonSerializer.SerializeToUtf8Bytes(message, json);

    /// <summary>Decodes strictly; refuses with <c>malformed_message</c> anything that is not exactly one message of the type.</summary>
    public static bool TryDecode<T>(
        ReadOnlySpan<byte> bytes, JsonTypeInfo<T> json, [NotNullWhen(true)] out T? message, [NotNullWhen(false)] out Refusal? refusal)
        where T : class
    {
        bool read = StrictJson.TryRead(bytes, json, out message, out JsonException? malformed);
        refusal = read ? null : Refusals.Malformed(typeof(T).Name, malformed!.Path);
        return read;
    }
}
