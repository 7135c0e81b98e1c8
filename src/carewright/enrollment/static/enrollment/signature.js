/* Drawing a signature with a finger, a pen or a mouse. Whoever cannot draw types the name, which is enough; without
   scripts there is nothing to draw on. What was drawn travels in a hidden field as a PNG of the ink alone. */
const box = document.querySelector("[data-sign]");
if (box) {
  const canvas = box.querySelector("canvas"), pen = canvas.getContext("2d");
  const kept = box.querySelector("input[name=drawn]"), how = box.closest("form").querySelector("[name=how]");
  const show = () => { box.hidden = how.value !== "e_signed"; };
  const start = () => Object.assign(pen, { lineWidth: 2.5, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
  const place = (event) => {
    const edge = canvas.getBoundingClientRect();
    return [
      (event.clientX - edge.left) * canvas.width / edge.width, (event.clientY - edge.top) * canvas.height / edge.height,
    ];
  };
  let drawing = false;
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    pen.beginPath();
    pen.moveTo(...place(event));
    pen.lineTo(...place(event));
    pen.stroke();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  const stop = () => {
    if (drawing) kept.value = canvas.toDataURL("image/png");
    drawing = false;
  };
  canvas.addEventListener("pointerup", stop);
  canvas.addEventListener("pointercancel", stop);
  box.querySelector("[data-clear]").addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    kept.value = "";
  });
  if (kept.value) {
    /* The form came back: what was drawn is drawn again, or dropped when it is no picture. */
    const before = new Image();
    before.addEventListener("load", () => pen.drawImage(before, 0, 0));
    before.addEventListener("error", () => { kept.value = ""; });
    before.src = kept.value;
  }
  start();
  how.addEventListener("change", show);
  show();
}
