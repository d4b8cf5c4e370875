using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>No bytes, however hostile, make the parser or what follows it throw.</summary>
public sealed class PsbtMutationTests
{
    [Fact]
    public void Every_prefix_of_a_valid_psbt_is_refused()
    {
        foreach (byte[] valid in PsbtVectorTests.ValidPsbts)
        {
            for (int length = 0; length < valid.Length; length++)
            {
                Assert.False(Psbt.TryParse(valid.AsSpan(0, length), out _, out BitcoinRefusal? refusal), $"length {length}");
                Assert.Equal(length == 0 ? RefusalCodes.PsbtNotAPsbt : RefusalCodes.PsbtTruncated, refusal.Code);
            }
        }
    }

    [Fact]
    public void Every_prefix_of_the_base64_form_is_refused()
    {
        foreach (byte[] valid in PsbtVectorTests.ValidPsbts)
        {
            byte[] text = System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(valid));
            for (int length = 0; length < text.Length; length++)
            {
                // Without its padding the text still ends within a group of four.
                Assert.False(Psbt.TryLoad(text.AsSpan(0, length), out _, out BitcoinRefusal? refusal), $"length {length}");
                Assert.Equal(length < 6 ? RefusalCodes.PsbtNotAPsbt : RefusalCodes.PsbtTruncated, refusal.Code);
            }
        }
    }

    [Fact]
    public void Bytes_behind_a_valid_psbt_are_refused()
    {
        foreach (byte[] valid in PsbtVectorTests.ValidPsbts)
        {
            Assert.False(Psbt.TryParse([.. valid, 0], out _, out BitcoinRefusal? refusal));
            Assert.Equal(RefusalCodes.PsbtTrailingBytes, refusal.Code);
        }
    }

    [Fact]
    public void Flipped_bytes_never_throw_and_what_is_accepted_is_written_back_the_same()
    {
        int accepted = 0;
        for (int seed = 0; seed < 8_000; seed++)
        {
            Random random = new(seed);
            byte[] bytes = [.. PsbtVectorTests.ValidPsbts[seed % PsbtVectorTests.ValidPsbts.Count]];
            for (int flips = 1 + random.Next(3); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            accepted += Exercise(bytes, seed) ? 1 : 0;
        }

        // Flips in amounts, scripts and hashes stay well-formed, so the walk behind the parser is exercised too.
        Assert.InRange(accepted, 700, 7_500);
    }

    [Fact]
    public void Moved_slices_never_throw()
    {
        for (int seed = 0; seed < 4000; seed++)
        {
            Random random = new(seed);
            byte[] source = PsbtVectorTests.ValidPsbts[random.Next(PsbtVectorTests.ValidPsbts.Count)];
            byte[] target = PsbtVectorTests.ValidPsbts[random.Next(PsbtVectorTests.ValidPsbts.Count)];
            int from = random.Next(source.Length);
            int length = random.Next(source.Length - from);
            int at = random.Next(5, target.Length);
            int over = random.Next(target.Length - at);
            Exercise([.. target.AsSpan(0, at), .. source.AsSpan(from, length), .. target.AsSpan(at + over)], seed);
        }
    }

    [Theory]
    [InlineData("70736274ff" + "ffffffffffffffffff")]
    [InlineData("70736274ff" + "feffffff7f")]
    [InlineData("70736274ff" + "0100" + "ffffffffffffffff7f")]
    [InlineData("70736274ff" + "0100" + "0a" + "02000000" + "feffffff7f" + "00")]
    public void A_huge_announced_length_is_refused_and_not_allocated(string hex)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(Psbt.TryParse(Convert.FromHexString(hex), out _, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void A_psbt_over_the_limit_is_refused_unread()
    {
        byte[] large = new byte[Psbt.MaximumBytes + 1];
        PsbtVectorTests.ValidPsbts[0].CopyTo(large, 0);
        Assert.False(Psbt.TryParse(large, out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.PsbtTooLarge, refusal.Code);
        Assert.False(Psbt.TryLoad(new byte[(2 * Psbt.MaximumBytes) + 1], out _, out refusal));
        Assert.Equal(RefusalCodes.PsbtTooLarge, refusal.Code);
    }

    private static bool Exercise(byte[] bytes, int seed)
    {
        if (!Psbt.TryParse(bytes, out Psbt? psbt, out BitcoinRefusal? refusal))
        {
            Assert.True(refusal.Code.StartsWith("psbt_", StringComparison.Ordinal), $"seed {seed}: {refusal}");
            return false;
        }

        Assert.True(psbt.ToBytes().AsSpan().SequenceEqual(bytes), $"seed {seed}");
        psbt.TryFindKeyPathInputs(Point.Generator.XOnly, out _, out _);
        psbt.TryAccept(Point.Generator.XOnly, PaymentLimits.Default, out _, out _);
        psbt.TryComputeFee(out _, out _);
        psbt.TryExtract(out _, out _);
        if (psbt.TryFinalize(out Psbt? finalized, out _))
        {
            Assert.True(Psbt.TryParse(finalized.ToBytes(), out Psbt? again, out refusal) && again == finalized, $"seed {seed}: {refusal}");
        }

        return true;
    }
}
