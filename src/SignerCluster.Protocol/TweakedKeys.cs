using SignerCluster.Frost;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol;

/// <summary>The keys that messages are signed under.</summary>
public static class TweakedKeys
{
    /// <summary>The tweaked key of each list; refused when a tweak is impossible. One key for a list that stands for all messages.</summary>
    public static Outcome<Batch<TweakedKey>> Tweaked(this ThresholdInfo group, Batch<TweakList> tweaks)
    {
        TweakedKey[] keys = new TweakedKey[tweaks.Count];
        for (int index = 0; index < keys.Length; index++)
        {
            if (!group.Tweaked((IReadOnlyList<Tweak>)tweaks[index]).TryGet(out TweakedKey? key, out FrostRefusal? refusal))
            {
                return refusal;
            }

            keys[index] = key;
        }

        return new Batch<TweakedKey>(keys);
    }

    /// <summary>Does each signature verify under its key (BIP-340)?</summary>
    public static bool Verify(this Batch<TweakedKey> keys, Batch<Bytes32> messages, Batch<Bytes64> signatures) =>
        signatures.Count == messages.Count
        && Batch.All(messages.Count, message => Bip340.Verify(keys.For(message).OutputKey, messages[message].AsSpan(), signatures[message]));
}
