using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>The parser behind <see cref="Psbt"/>: reads the maps, holds every field to its rule, then finds what each input spends.</summary>
internal static class PsbtParser
{
    internal static ReadOnlySpan<byte> Magic => [0x70, 0x73, 0x62, 0x74, 0xFF];

    // The first 36 bits of the magic in base64; the seventh character also depends on what follows.
    private static ReadOnlySpan<byte> Base64Magic => "cHNidP"u8;

    private static ReadOnlySpan<byte> Utf8ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static bool TryLoad(ReadOnlySpan<byte> content, [NotNullWhen(true)] out Psbt? psbt, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        psbt = null;
        if (content.StartsWith(Magic) || (!content.IsEmpty && Magic.StartsWith(content)))
        {
            return TryParse(content, out psbt, out refusal);
        }

        if (content.Length > 2 * Psbt.MaximumBytes)
        {
            refusal = TooLarge(content.Length);
            return false;
        }

        byte[] text = WithoutWhitespace(content.StartsWith(Utf8ByteOrderMark) ? content[Utf8ByteOrderMark.Length..] : content);
        if (!text.AsSpan().StartsWith(Base64Magic))
        {
            refusal = NotAPsbt("neither the magic bytes nor their base64 form is at its start");
            return false;
        }

        byte[] binary = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, binary, out int consumed, out int written) == OperationStatus.Done)
        {
            return TryParse(binary.AsSpan(0, written), out psbt, out refusal);
        }

        refusal = text.Length - consumed < 4
            ? new BitcoinRefusal(RefusalCodes.PsbtTruncated, $"The base64 text ends within a group of four, after {text.Length} characters.")
            : new BitcoinRefusal(RefusalCodes.PsbtMalformed, $"The base64 text is wrong in the four characters from {consumed} on, whitespace not counted.");
        return false;
    }

    public static bool TryParse(ReadOnlySpan<byte> binary, [NotNullWhen(true)] out Psbt? psbt, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        psbt = null;
        refusal = CheckEnvelope(binary);
        if (refusal is not null)
        {
            return false;
        }

        byte[] file = binary.ToArray();
        ByteReader reader = new(file);
        reader.TryReadBytes(Magic.Length, out _);
        if (!PsbtMap.TryRead(ref reader, file, "the global map", out PsbtMap? global, out refusal)
            || !TryReadTransaction(global, out Transaction? unsigned, out refusal)
            || !TryReadMaps(ref reader, file, "input", PsbtFieldRules.Input, unsigned.Inputs.Count, out PsbtMap[] inputs, out refusal)
            || !TryReadMaps(ref reader, file, "output", PsbtFieldRules.Output, unsigned.Outputs.Count, out PsbtMap[] outputs, out refusal))
        {
            return false;
        }

        if (reader.Remaining != 0)
        {
            refusal = new BitcoinRefusal(RefusalCodes.PsbtTrailingBytes, $"{reader.Remaining} bytes follow the last map.");
            return false;
        }

        if (!PsbtPrevouts.TryResolve(unsigned, inputs, out TxOut?[] prevouts, out refusal))
        {
            return false;
        }

        psbt = new Psbt(unsigned, global, inputs, outputs, prevouts);
        return true;
    }

    private static BitcoinRefusal? CheckEnvelope(ReadOnlySpan<byte> binary)
    {
        if (binary.Length > Psbt.MaximumBytes)
        {
            return TooLarge(binary.Length);
        }

        if (binary.StartsWith(Magic))
        {
            return null;
        }

        return !binary.IsEmpty && Magic.StartsWith(binary)
            ? new BitcoinRefusal(RefusalCodes.PsbtTruncated, "The PSBT ends within its magic bytes.")
            : NotAPsbt(binary.IsEmpty ? "it is empty" : "the magic bytes are missing");
    }

    private static bool TryReadTransaction(PsbtMap global, [NotNullWhen(true)] out Transaction? unsigned, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        unsigned = null;
        // The version comes first: a version 2 PSBT breaks the other rules of version 0 by design, and its owner should learn why.
        if (global.TryGet(GlobalKeyType.Version, out ReadOnlySpan<byte> version) && version.Length == 4
            && BinaryPrimitives.ReadUInt32LittleEndian(version) != 0)
        {
            refusal = new BitcoinRefusal(
                RefusalCodes.PsbtVersionUnsupported, $"This is a version {BinaryPrimitives.ReadUInt32LittleEndian(version)} PSBT; version 0 is supported.");
            return false;
        }

        refusal = PsbtFieldRules.Check(global, "the global map", PsbtFieldRules.Global);
        if (refusal is not null)
        {
            return false;
        }

        if (!global.TryGet(GlobalKeyType.UnsignedTransaction, out ReadOnlySpan<byte> bytes))
        {
            refusal = new BitcoinRefusal(RefusalCodes.PsbtMissingTransaction, "The global map has no unsigned transaction.");
            return false;
        }

        if (!Transaction.TryParseWithoutWitness(bytes, out Transaction? parsed, out BitcoinRefusal? inner))
        {
            refusal = new BitcoinRefusal(RefusalCodes.PsbtMalformed, $"The unsigned transaction is not one without witnesses: {inner.Message}");
            return false;
        }

        bool isUnsigned = parsed.Inputs.All(input => input.ScriptSig.Length == 0);
        unsigned = isUnsigned ? parsed : null;
        refusal = isUnsigned ? null : new BitcoinRefusal(RefusalCodes.PsbtTransactionSigned, "The unsigned transaction has a scriptSig.");
        return isUnsigned;
    }

    private static bool TryReadMaps(
        ref ByteReader reader,
        ReadOnlyMemory<byte> file,
        string kind,
        Func<PsbtEntry, string?> rule,
        int count,
        out PsbtMap[] maps,
        [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        maps = new PsbtMap[count];
        refusal = null;
        for (int index = 0; index < count; index++)
        {
            string name = $"{kind} {index}";
            if (!PsbtMap.TryRead(ref reader, file, name, out PsbtMap? map, out refusal))
            {
                return false;
            }

            refusal = PsbtFieldRules.Check(map, name, rule);
            if (refusal is not null)
            {
                return false;
            }

            maps[index] = map;
        }

        return true;
    }

    private static byte[] WithoutWhitespace(ReadOnlySpan<byte> text)
    {
        byte[] kept = new byte[text.Length];
        int length = 0;
        foreach (byte character in text)
        {
            if (character is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                kept[length++] = character;
            }
        }

        return kept[..length];
    }

    private static BitcoinRefusal NotAPsbt(string reason) => new(RefusalCodes.PsbtNotAPsbt, $"Not a PSBT: {reason}.");

    private static BitcoinRefusal TooLarge(int length) =>
        new(RefusalCodes.PsbtTooLarge, $"A PSBT of {length} bytes is over the limit of {Psbt.MaximumBytes}.");
}
