using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SignerCluster.Trust;

/// <summary>How a party tells another that its engine could not answer: 1 byte of transience, then the code.</summary>
internal static class FaultPayload
{
    private const int MaximumCodeLength = 64;

    internal static byte[] Write(ExchangeException fault)
    {
        string code = IsCode(fault.Code) ? fault.Code : "entity_failed";
        return [fault.IsTransient ? (byte)1 : (byte)0, .. Encoding.ASCII.GetBytes(code)];
    }

    /// <summary>False for what no honest party writes: <c>untrusted</c> is among that, since it is never answered.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out string? code, out bool isTransient)
    {
        code = payload.Length > 1 && payload[0] <= 1 ? Encoding.Latin1.GetString(payload[1..]) : null;
        isTransient = payload.Length > 0 && payload[0] == 1;
        return IsCode(code) && code != ExchangeException.UntrustedCode;
    }

    private static bool IsCode([NotNullWhen(true)] string? code) =>
        code is { Length: >= 1 and <= MaximumCodeLength } && code.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
