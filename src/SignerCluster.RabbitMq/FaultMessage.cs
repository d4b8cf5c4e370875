using System.Text;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq;

/// <summary>
/// A fault of the engine that handled a request, on its way to the asker: a byte (1 for transient), the code, a line feed, a sentence; UTF-8.
/// </summary>
internal static class FaultMessage
{
    private const int MaximumCodeLength = 64;
    private const int MaximumTextLength = 500;

    public static byte[] Encode(EngineException fault)
    {
        string text = fault.Message.Length <= MaximumTextLength ? fault.Message : fault.Message[..MaximumTextLength];
        return [fault.IsTransient ? (byte)1 : (byte)0, .. Encoding.UTF8.GetBytes($"{fault.Code}\n{text}")];
    }

    /// <summary>Whatever the bytes are, what comes back is fit for a log line.</summary>
    public static EngineException Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [0 or 1, ..] || bytes.Length > 1 + MaximumCodeLength + (4 * MaximumTextLength))
            return Unreadable();
        string[] lines = Encoding.UTF8.GetString(bytes[1..]).Split('\n', 2);
        return lines is [{ Length: > 0 and <= MaximumCodeLength } code, { } text]
            && code.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            ? new EngineException(code, string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c)), isTransient: bytes[0] == 1)
            : Unreadable();
    }

    private static EngineException Unreadable() =>
        new("entity_failed", "The node that handled the request answered with a fault that cannot be read.", isTransient: true);
}
