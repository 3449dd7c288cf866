// Checks a ledger exported by Comity, and writes one for Comity to check, with the transparency
// log packages of the Go project. Only the cosignature forms 04 and 06 are written here.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/mldsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type proofs struct {
	Inclusion []struct {
		Index  int64
		Hashes []tlog.Hash
	}
	Consistency []struct {
		Old    int64
		Root   tlog.Hash
		Hashes []tlog.Hash
	}
}

// key is a note.Verifier and note.Signer for the forms that note.NewVerifier does not know.
type key struct {
	name   string
	kind   byte
	public []byte
	sign   func(message []byte) []byte
}

func (k key) Name() string { return k.name }

func (k key) KeyHash() uint32 {
	named := append([]byte(k.name+"\n"), k.kind)
	sum := sha256.Sum256(append(named, k.public...))
	return binary.BigEndian.Uint32(sum[:])
}

func (k key) vkey() string {
	raw := append([]byte{k.kind}, k.public...)
	return fmt.Sprintf("%s+%08x+%s", k.name, k.KeyHash(), base64.StdEncoding.EncodeToString(raw))
}

func (k key) message(body []byte, at uint64) ([]byte, error) {
	if k.kind == 4 {
		return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), body...), nil
	}
	tree, origin, err := parse(body)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("subtree/v1\n\x00")
	out.WriteByte(byte(len(k.name)))
	out.WriteString(k.name)
	binary.Write(&out, binary.BigEndian, at)
	out.WriteByte(byte(len(origin)))
	out.WriteString(origin)
	binary.Write(&out, binary.BigEndian, uint64(0))
	binary.Write(&out, binary.BigEndian, uint64(tree.N))
	out.Write(tree.Hash[:])
	return out.Bytes(), nil
}

func (k key) Verify(body, signature []byte) bool {
	if len(signature) < 8 {
		return false
	}
	message, err := k.message(body, binary.BigEndian.Uint64(signature))
	if err != nil {
		return false
	}
	if k.kind == 4 {
		return ed25519.Verify(k.public, message, signature[8:])
	}
	public, err := mldsa.NewPublicKey(mldsa.MLDSA44(), k.public)
	return err == nil && mldsa.Verify(public, message, signature[8:], nil) == nil
}

func (k key) Sign(body []byte) ([]byte, error) {
	at := uint64(1790000000)
	message, err := k.message(body, at)
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint64(nil, at), k.sign(message)...), nil
}

// parse reads a checkpoint: tlog.ParseTree wants a first line of its own.
func parse(body []byte) (tlog.Tree, string, error) {
	lines := strings.Split(string(body), "\n")
	if len(lines) != 4 {
		return tlog.Tree{}, "", fmt.Errorf("checkpoint of %d lines", len(lines)-1)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, "", err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, lines[0], err
}

func verifier(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("malformed vkey")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) == 0 {
		return nil, fmt.Errorf("malformed vkey: %v", err)
	}
	if raw[0] == 1 {
		return note.NewVerifier(vkey)
	}
	made := key{name: parts[0], kind: raw[0], public: raw[1:]}
	if made.vkey() != vkey {
		return nil, fmt.Errorf("key id differs: %s", made.vkey())
	}
	return made, nil
}

// path strips the height that Go puts into the path of a tile.
func path(t tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", height))
}

type folder string

func (f folder) Height() int                      { return height }
func (f folder) SaveTiles([]tlog.Tile, [][]byte)  {}
func (f folder) read(name string) ([]byte, error) { return os.ReadFile(filepath.Join(string(f), name)) }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data, err := f.read(path(tile))
		if err != nil {
			return nil, err
		}
		found[i] = data
	}
	return found, nil
}

func (f folder) write(name string, data []byte) error {
	target := filepath.Join(string(f), name)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	return os.WriteFile(target, data, 0o644)
}

type stored []tlog.Hash

func (s *stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(*s)) {
			return nil, fmt.Errorf("hash %d is not stored", index)
		}
		found[i] = (*s)[index]
	}
	return found, nil
}

func (s *stored) add(index int64, entry []byte) error {
	hashes, err := tlog.StoredHashes(index, entry, s)
	*s = append(*s, hashes...)
	return err
}

func bundle(n, width int64) string {
	name := path(tlog.Tile{H: height, L: 0, N: n, W: int(width)})
	return "tile/entries/" + strings.TrimPrefix(name, "tile/0/")
}

func fsck(f folder, tree tlog.Tree) error {
	var all stored
	files := 1
	for first := int64(0); first < tree.N; first += 256 {
		data, err := f.read(bundle(first/256, min(256, tree.N-first)))
		if err != nil {
			return err
		}
		files++
		for index := first; index < min(first+256, tree.N); index++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return fmt.Errorf("entry %d is cut short", index)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			if err := all.add(index, data[2:end]); err != nil {
				return err
			}
			data = data[end:]
		}
		if len(data) != 0 {
			return fmt.Errorf("bytes behind the bundle at %d", first)
		}
	}
	root, err := tlog.TreeHash(tree.N, &all)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("entries lead to root %v", root)
	}
	for _, tile := range tlog.NewTiles(height, 0, tree.N) {
		want, err := tlog.ReadTileData(tile, &all)
		if err != nil {
			return err
		}
		have, err := f.read(path(tile))
		if err != nil {
			return err
		}
		if !bytes.Equal(have, want) {
			return fmt.Errorf("%s differs", path(tile))
		}
		files++
	}
	return filepath.WalkDir(string(f), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files--
		}
		if err == nil && name == string(f) {
			return nil
		}
		if files < 0 {
			return fmt.Errorf("more files than the tree has")
		}
		return err
	})
}

func check(f folder, vkeys []string) error {
	var list []note.Verifier
	for _, vkey := range vkeys {
		made, err := verifier(vkey)
		if err != nil {
			return err
		}
		list = append(list, made)
	}
	data, err := f.read("checkpoint")
	if err != nil {
		return err
	}
	opened, err := note.Open(data, note.VerifierList(list...))
	if err != nil {
		return err
	}
	if len(opened.Sigs) != len(list) || len(opened.UnverifiedSigs) != 0 {
		return fmt.Errorf("%d signatures hold, %d wanted", len(opened.Sigs), len(list))
	}
	tree, _, err := parse([]byte(opened.Text))
	if err != nil {
		return err
	}
	var given proofs
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, f)
	for _, p := range given.Inclusion {
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, p.Index)})
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(p.Hashes, tree.N, tree.Hash, p.Index, leaf[0]); err != nil {
			return err
		}
		own, err := tlog.ProveRecord(tree.N, p.Index, reader)
		if err != nil || fmt.Sprint(own) != fmt.Sprint(tlog.RecordProof(p.Hashes)) {
			return fmt.Errorf("entry %d: Go proves it otherwise: %v", p.Index, err)
		}
	}
	for _, p := range given.Consistency {
		if err := tlog.CheckTree(p.Hashes, tree.N, tree.Hash, p.Old, p.Root); err != nil {
			return err
		}
	}
	return fsck(f, tree)
}

// write makes a ledger of entries read from standard input, each behind its length in two bytes.
func write(f folder, origin string) error {
	data, err := os.ReadFile("/dev/stdin")
	if err != nil {
		return err
	}
	var all stored
	var size int64
	var part []byte
	for ; len(data) > 0; size++ {
		end := 2 + int(binary.BigEndian.Uint16(data))
		if err := all.add(size, data[2:end]); err != nil {
			return err
		}
		part, data = append(part, data[:end]...), data[end:]
		if size%256 == 255 || len(data) == 0 {
			if err := f.write(bundle(size/256, size%256+1), part); err != nil {
				return err
			}
			part = nil
		}
	}
	for _, tile := range tlog.NewTiles(height, 0, size) {
		hashes, err := tlog.ReadTileData(tile, &all)
		if err != nil {
			return err
		}
		if err := f.write(path(tile), hashes); err != nil {
			return err
		}
	}
	root, err := tlog.TreeHash(size, &all)
	if err != nil {
		return err
	}
	return sign(f, origin, tlog.Tree{N: size, Hash: root})
}

func sign(f folder, origin string, tree tlog.Tree) error {
	skey, vkey, err := note.GenerateKey(nil, origin)
	if err != nil {
		return err
	}
	first, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	classical := key{name: "witness.example/go", kind: 4, public: public}
	classical.sign = func(message []byte) []byte { return ed25519.Sign(private, message) }
	lattice, err := mldsa.GenerateKey(mldsa.MLDSA44())
	if err != nil {
		return err
	}
	quantum := key{name: origin, kind: 6, public: lattice.PublicKey().Bytes()}
	quantum.sign = func(message []byte) []byte {
		made, err := lattice.Sign(nil, message, &mldsa.Options{})
		if err != nil {
			log.Fatal(err)
		}
		return made
	}
	body := fmt.Sprintf("%s\n%d\n%v\n", origin, tree.N, tree.Hash)
	signed, err := note.Sign(&note.Note{Text: body}, first, quantum, classical)
	if err != nil {
		return err
	}
	fmt.Printf("log %s\nlog %s\nwitness go %s\nquorum go\n", vkey, quantum.vkey(), classical.vkey())
	return f.write("checkpoint", signed)
}

// split reads an evidence file: a head, and two signed checkpoints.
func split(data []byte) (root string, steps []tlog.Hash, notes [2][]byte, err error) {
	parts := strings.Split(string(data), "\n\n")
	if len(parts) != 5 {
		return "", nil, notes, fmt.Errorf("evidence of %d parts", len(parts))
	}
	head := strings.Split(parts[0], "\n")
	if head[0] != "comity/equivocation@v1" {
		return "", nil, notes, fmt.Errorf("unknown evidence")
	}
	for _, line := range head[1:] {
		switch {
		case strings.HasPrefix(line, "key "):
		case strings.HasPrefix(line, "root "):
			root = strings.TrimPrefix(line, "root ")
		default:
			step, err := tlog.ParseHash(line)
			if err != nil {
				return "", nil, notes, err
			}
			steps = append(steps, step)
		}
	}
	notes[0] = []byte(parts[1] + "\n\n" + parts[2] + "\n")
	notes[1] = []byte(parts[3] + "\n\n" + parts[4])
	return root, steps, notes, nil
}

// expose checks that every key given signed two histories.
func expose(name string, vkeys []string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	then, steps, notes, err := split(data)
	if err != nil {
		return err
	}
	var trees [2]tlog.Tree
	var origins [2]string
	for i, signed := range notes {
		for _, vkey := range vkeys {
			made, err := verifier(vkey)
			if err != nil {
				return err
			}
			opened, err := note.Open(signed, note.VerifierList(made))
			if err != nil {
				return err
			}
			if trees[i], origins[i], err = parse([]byte(opened.Text)); err != nil {
				return err
			}
		}
	}
	if origins[0] != origins[1] {
		return fmt.Errorf("two logs")
	}
	if trees[0].N == trees[1].N {
		if trees[0].Hash == trees[1].Hash {
			return fmt.Errorf("one history")
		}
		return nil
	}
	held, err := tlog.ParseHash(then)
	if err != nil {
		return err
	}
	if held == trees[0].Hash {
		return fmt.Errorf("one history")
	}
	return tlog.CheckTree(steps, trees[1].N, trees[1].Hash, trees[0].N, held)
}

// cosign answers add-checkpoint as a witness that knows the old size and root, with new keys.
func cosign(name string, old int64, root string, vkeys []string) error {
	body, err := os.ReadFile("/dev/stdin")
	if err != nil {
		return err
	}
	head, signed, found := strings.Cut(string(body), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != fmt.Sprintf("old %d", old) {
		return fmt.Errorf("another old size than %d", old)
	}
	var steps []tlog.Hash
	for _, line := range lines[1:] {
		step, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		steps = append(steps, step)
	}
	for _, vkey := range vkeys {
		made, err := verifier(vkey)
		if err != nil {
			return err
		}
		if _, err := note.Open([]byte(signed), note.VerifierList(made)); err != nil {
			return err
		}
	}
	text, _, _ := strings.Cut(signed, "\n\n")
	tree, _, err := parse([]byte(text + "\n"))
	if err != nil {
		return err
	}
	if old > 0 {
		held, err := tlog.ParseHash(root)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(steps, tree.N, tree.Hash, old, held); err != nil {
			return err
		}
	}
	classical, quantum, err := cosigners(name)
	if err != nil {
		return err
	}
	made, err := note.Sign(&note.Note{Text: text + "\n"}, classical, quantum)
	if err != nil {
		return err
	}
	_, signatures, _ := strings.Cut(string(made), "\n\n")
	fmt.Printf("%s\n%s\n%s", classical.vkey(), quantum.vkey(), signatures)
	return nil
}

func cosigners(name string) (classical, quantum key, err error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return classical, quantum, err
	}
	classical = key{name: name, kind: 4, public: public}
	classical.sign = func(message []byte) []byte { return ed25519.Sign(private, message) }
	lattice, err := mldsa.GenerateKey(mldsa.MLDSA44())
	if err != nil {
		return classical, quantum, err
	}
	quantum = key{name: name, kind: 6, public: lattice.PublicKey().Bytes()}
	quantum.sign = func(message []byte) []byte {
		made, err := lattice.Sign(nil, message, &mldsa.Options{})
		if err != nil {
			log.Fatal(err)
		}
		return made
	}
	return classical, quantum, nil
}

// fork signs two histories of one size, and writes the evidence against itself.
func fork(origin string) error {
	skey, vkey, err := note.GenerateKey(nil, origin)
	if err != nil {
		return err
	}
	first, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	_, quantum, err := cosigners(origin)
	if err != nil {
		return err
	}
	var notes [2]string
	for i := range notes {
		body := fmt.Sprintf("%s\n3\n%v\n", origin, tlog.Hash(sha256.Sum256([]byte{byte(i)})))
		signed, err := note.Sign(&note.Note{Text: body}, first, quantum)
		if err != nil {
			return err
		}
		notes[i] = string(signed)
	}
	fmt.Printf("comity/equivocation@v1\nkey %s\nkey %s\n\n%s\n%s", vkey, quantum.vkey(), notes[0], notes[1])
	return nil
}

// prove writes what Go proves of a folder it wrote: entry, old size, and the hashes of both.
func prove(f folder, index, old int64) error {
	data, err := f.read("checkpoint")
	if err != nil {
		return err
	}
	text, _, _ := strings.Cut(string(data), "\n\n")
	tree, _, err := parse([]byte(text + "\n"))
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, f)
	record, err := tlog.ProveRecord(tree.N, index, reader)
	if err != nil {
		return err
	}
	grown, err := tlog.ProveTree(tree.N, old, reader)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(old, reader)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"record": record, "tree": grown, "root": root, "size": tree.N, "hash": tree.Hash,
	})
}

func number(text string) int64 {
	made, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	return made
}

func main() {
	log.SetFlags(0)
	var err error
	switch os.Args[1] {
	case "check":
		err = check(folder(os.Args[2]), os.Args[3:])
	case "write":
		err = write(folder(os.Args[2]), os.Args[3])
	case "expose":
		err = expose(os.Args[2], os.Args[3:])
	case "cosign":
		err = cosign(os.Args[2], number(os.Args[3]), os.Args[4], os.Args[5:])
	case "fork":
		err = fork(os.Args[2])
	case "prove":
		err = prove(folder(os.Args[2]), number(os.Args[3]), number(os.Args[4]))
	default:
		err = fmt.Errorf("unknown act")
	}
	if err != nil {
		log.Fatal(err)
	}
}
