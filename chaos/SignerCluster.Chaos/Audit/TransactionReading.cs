using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SignerCluster.Chaos.Audit;

/// <summary>A Bitcoin transaction as the auditor reads it, with or without witnesses.</summary>
/// <param name="Txid">64 hex digits, in the byte order of the protocol.</param>
/// <param name="Inputs">How many outputs it spends.</param>
internal sealed record TransactionReading(string Txid, int Inputs, IReadOnlyList<OutputReading> Outputs)
{
    /// <summary>Throws <see cref="FormatException"/> for bytes that are no transaction.</summary>
    internal static TransactionReading Read(ReadOnlySpan<byte> bytes)
    {
        BytesReading reader = new(bytes);
        reader.Skip(sizeof(int));
        bool hasWitness = bytes.Length > 5 && bytes[4] == 0 && bytes[5] == 1;
        reader.Skip(hasWitness ? 2 : 0);
        int from = reader.Position;
        int inputs = reader.Count();
        for (int input = 0; input < inputs; input++)
        {
            reader.Skip(36);
            reader.Skip(reader.Count());
            reader.Skip(sizeof(uint));
        }

        OutputReading[] outputs = new OutputReading[reader.Count()];
        for (int output = 0; output < outputs.Length; output++)
        {
            outputs[output] = OutputReading.Read(ref reader);
        }

        ReadOnlySpan<byte> body = bytes[from..reader.Position];
        byte[] plain = [.. bytes[..sizeof(int)], .. body, .. bytes[^sizeof(uint)..]];
        return new TransactionReading(Convert.ToHexStringLower(SHA256.HashData(SHA256.HashData(plain))), inputs, outputs);
    }
}

/// <summary>An output of a transaction.</summary>
/// <param name="Script">Hex.</param>
internal readonly record struct OutputReading(ulong Amount, string Script)
{
    internal static OutputReading Read(ref BytesReading reader)
    {
        ulong amount = BinaryPrimitives.ReadUInt64LittleEndian(reader.Take(sizeof(ulong)));
        return new OutputReading(amount, Convert.ToHexStringLower(reader.Take(reader.Count())));
    }
}
